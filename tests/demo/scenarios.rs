//! Each scenario shows its trouble, and no other, to the script that goes to real servers.
use super::asking::*;

#[test]
fn a_healthy_server_answers_every_question() {
    let demo = a_box("healthy");
    for env in ENVS {
        let answers = look(&demo, env, None);
        let asked: Vec<&str> = answers.keys().map(String::as_str).collect();
        let mut questions: Vec<&str> = QUESTIONS.split_whitespace().collect();
        questions.sort_unstable();
        assert_eq!(asked, questions);
        for (name, said) in &answers {
            assert_eq!((said.code, said.err.as_str()), (0, ""), "{env} {name}: {said:?}");
        }
    }
}
