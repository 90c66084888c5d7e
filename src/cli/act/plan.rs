//! A plan, for people, for programs, and as a script: the same one that would be carried out.
use crate::cli::output::text::Style;
use crate::cli::output::text::{paint, sign};
use crate::config::model::{Role, SecretSource};
use crate::core::plan::{Checked, Plan, Risk, Step};
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, Text};
use crate::text;
use serde_json::{Value, json};

/// For people. `secret`: where the share's password would come from.
pub fn text(plan: &Plan, secret: Option<&SecretSource>, style: Style) -> String {
    let lang = style.lang;
    let mut out = String::new();
    let mut line = |text: Text| {
        out.push_str(text.get(lang));
        out.push('\n');
    };
    let title = plan.action.title();
    line(Text { zh: format!("计划：{}", title.zh), en: format!("Plan: {}", title.en) });
    line(who(plan));
    line(text!("  会发生什么", "  What happens"));
    plan.effects.iter().for_each(|t| line(item(t)));
    line(text!("  已经核对", "  What was checked"));
    plan.checked.iter().for_each(|c| line(checked(c, style)));
    line(text!("  步骤（逐条就是要运行的命令）", "  Steps (the very commands that run)"));
    for (n, step) in plan.steps.iter().enumerate() {
        line(numbered(n + 1, step));
    }
    line(text!("  怎么证明做成了", "  What proves it"));
    plan.proof.iter().for_each(|t| line(item(t)));
    line(Text { zh: format!("  怎么撤销：{}", plan.undo.zh), en: format!("  Undo: {}", plan.undo.en) });
    let minutes = plan.limit_s.div_ceil(60);
    line(text!(
        "  最长 {minutes} 分钟，到时就结束它，停掉的后端会恢复。断线不影响它",
        "  At most {minutes} min; then it is ended, and a stopped backend is started again. A lost link does not matter to it"
    ));
    if plan.needs_password {
        let from = secret.map_or_else(|| text!("没有配置", "not configured"), SecretSource::describe);
        line(Text {
            zh: format!("  需要共享密码：{}", from.zh),
            en: format!("  Needs the share's password: {}", from.en),
        });
    }
    out
}

fn who(plan: &Plan) -> Text {
    let square = if plan.role == Role::Prod { "■" } else { "□" };
    let (name, word, host) = (SafeText::new(&plan.name), plan.role.word(), &plan.host);
    let (server, id) = (SafeText::new(&plan.target.hostname), short(&plan.target.machine_id));
    let risk = match plan.risk {
        Risk::Light => text!("轻：可以撤销，没有人会丢东西", "light: can be undone, nobody loses anything"),
        Risk::Heavy => text!("重：有人会察觉，或不能撤销", "heavy: somebody notices, or it cannot be undone"),
    };
    Text {
        zh: format!(
            "  服务器：{square} {name} {word}  {host}  主机名 {server}（machine-id {id}）\n  影响：{}",
            risk.zh
        ),
        en: format!(
            "  Server: {square} {name} {word}  {host}  host name {server} (machine-id {id})\n  Impact: {}",
            risk.en
        ),
    }
}

/// Enough of it to compare.
fn short(machine_id: &str) -> String {
    match machine_id.get(..8) {
        Some(begin) => format!("{}…", SafeText::new(begin)),
        None => "?".into(),
    }
}

fn item(text: &Text) -> Text {
    Text { zh: format!("    - {}", text.zh), en: format!("    - {}", text.en) }
}

fn checked(checked: &Checked, style: Style) -> Text {
    let said = |lang: Lang| {
        format!("    {}  {}", paint(checked.state, &sign(checked.state, lang), style), checked.what.get(lang))
    };
    Text { zh: said(Lang::Zh), en: said(Lang::En) }
}

fn numbered(n: usize, step: &Step) -> Text {
    let said = |title: &str, undo: &str| {
        let mut text = format!("    {n}. {title}");
        let mut lines = |sh: &str| {
            for line in SafeText::lines(sh.trim_end().as_bytes()) {
                text.push_str(&format!("\n         {line}"));
            }
        };
        lines(&step.sh);
        if let Some(sh) = &step.undo {
            lines(undo);
            lines(sh);
        }
        text
    };
    Text {
        zh: said(&step.title.zh, "# 后面的步骤失败时撤回："),
        en: said(&step.title.en, "# taken back when a later step fails:"),
    }
}

/// For programs.
pub fn json(plan: &Plan) -> Value {
    let steps: Vec<Value> =
        plan.steps.iter().map(|s| json!({ "title": s.title, "sh": s.sh, "undo": s.undo })).collect();
    let checked: Vec<Value> =
        plan.checked.iter().map(|c| json!({ "state": c.state, "what": c.what })).collect();
    json!({
        "told": "plan",
        "schema": 1,
        "action": plan.action.id(),
        "title": plan.action.title(),
        "env": plan.env,
        "name": plan.name,
        "role": plan.role,
        "host": plan.host,
        "server": { "hostname": plan.target.hostname, "machine_id": plan.target.machine_id },
        "risk": plan.risk,
        "effects": plan.effects,
        "checked": checked,
        "steps": steps,
        "proof": plan.proof,
        "undo": plan.undo,
        "limit_s": plan.limit_s,
        "needs_password": plan.needs_password,
    })
}
