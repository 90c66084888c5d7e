//! One event, one line of JSON.
//!
//! The formats of tracing-subscriber pass line breaks and terminal commands of a message on, and none of them
//! escapes bidirectional marks. Here every text of an event goes through [`SafeText`], whatever macro wrote it.
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::fmt;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Bytes of the longest line. One event of many long fields must not fill the day's file.
pub const MAX_BYTES: usize = 64 * 1024;

/// The layer that writes.
pub struct Lines<W> {
    writer: W,
    now: fn() -> EpochMs,
    zone: TimeZone,
}

impl<W> Lines<W> {
    /// Writes through `writer`, one call for each line.
    pub fn new(writer: W, now: fn() -> EpochMs, zone: TimeZone) -> Lines<W> {
        Lines { writer, now, zone }
    }
}

/// A moment as the log writes it: RFC 3339 with milliseconds and the offset of the workstation.
pub(super) fn moment(now: EpochMs, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut spans = Vec::new();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            let mut shown = Map::new();
            shown.insert("name".into(), Value::String(span.name().into()));
            if let Some(more) = span.extensions().get::<Fields>() {
                shown.extend(more.0.clone());
            }
            spans.push(Value::Object(shown));
        }
        let line = line(&moment((self.now)(), &self.zone), event, fields, spans);
        // nobody is there to be told; the writer behind counts what it cannot write
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

/// The line with its line end, written by hand so that time, level and message come first.
fn line(at: &str, event: &Event<'_>, mut fields: Fields, spans: Vec<Value>) -> String {
    let meta = event.metadata();
    let message = fields.0.remove("message").unwrap_or(Value::String(String::new()));
    let target = Value::String(meta.target().to_owned());
    let head =
        format!("{{\"at\":\"{at}\",\"level\":\"{}\",\"target\":{target},\"message\":{message}", meta.level());
    let mut rest = String::new();
    if !fields.0.is_empty() {
        rest.push_str(&format!(",\"fields\":{}", Value::Object(fields.0)));
    }
    if !spans.is_empty() {
        rest.push_str(&format!(",\"spans\":{}", Value::Array(spans)));
    }
    if head.len() + rest.len() > MAX_BYTES {
        rest = format!(",\"cut\":{}", rest.len());
    }
    format!("{head}{rest}}}\n")
}

/// The values of an event or a span, every text of them safe.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }

    fn put_text(&mut self, field: &Field, text: &str) {
        self.put(field, Value::String(SafeText::new(text).as_str().to_owned()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
}
