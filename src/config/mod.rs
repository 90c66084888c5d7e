//! `environments.toml`: where the servers are and what is expected of them. Never a secret.
pub mod model;
