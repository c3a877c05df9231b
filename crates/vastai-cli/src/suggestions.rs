//! "Did you mean", by all words of a command and not by the one that is wrong.

use strsim::jaro_winkler;

/// How alike two words have to be to be taken for each other.
const ALIKE: f64 = 0.84;
/// How much of a command has to be there: with one word of two right, the other may be anything.
const ENOUGH: f64 = 0.5;
/// The most commands that are suggested.
const MOST: usize = 3;

/// The commands that these words may stand for, the likeliest first. The order of words does not count.
pub(crate) fn of(words: &[&str], commands: impl Iterator<Item = String>) -> Vec<String> {
    // Ids are no words.
    let words = words.iter().filter(|word| word.contains(|letter: char| letter.is_alphabetic()));
    let words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
    let mut likely: Vec<(f64, String)> = commands
        .map(|command| (likeness(&words, &command), command))
        .filter(|(score, _)| *score > ENOUGH)
        .collect();
    likely
        .sort_by(|(one, command), (other, another)| other.total_cmp(one).then_with(|| command.cmp(another)));
    let best = likely.first().map_or(0.0, |(score, _)| *score);
    // What is much less likely than the best only distracts.
    likely
        .into_iter()
        .take_while(|(score, _)| *score > best - 0.15)
        .take(MOST)
        .map(|(_, command)| command)
        .collect()
}

/// From 0 to about 1: how much of the longer of the two is in the other.
fn likeness(words: &[String], command: &str) -> f64 {
    let of_command: Vec<&str> = command.split(' ').collect();
    // What follows the words of a command is its arguments.
    let words = &words[..words.len().min(of_command.len() + 1)];
    let mut left: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut total = 0.0;
    for (place, wanted) in of_command.iter().enumerate() {
        let alike = |word: &&str| {
            // Of words that differ in their number alone, the one that was written is the likelier.
            jaro_winkler(&singular(word), &singular(wanted)).mul_add(0.8, 0.2 * jaro_winkler(word, wanted))
        };
        let best = left.iter().enumerate().max_by(|(_, one), (_, other)| alike(one).total_cmp(&alike(other)));
        let Some((at, word)) = best else { break };
        let score = alike(word);
        if score >= ALIKE {
            // The thing that a command is about tells more than what is done with it.
            total += score * if place == 0 { 0.9 } else { 1.1 };
            left.remove(at);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "words are few")]
    let longer = of_command.len().max(words.len()) as f64;
    total / longer
}

fn singular(word: &str) -> String {
    let word = word.replace('_', "-");
    word.strip_suffix('s').filter(|stem| stem.len() > 2).map_or(word.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn both_words_count() {
        let commands = [
            "show instances",
            "show instance",
            "show endpoints",
            "search offers",
            "list volumes",
            "destroy instance",
            "create instance",
            "get endpoint workers",
            "watch instances",
            "logs",
            "show ssh-keys",
            "create ssh-key",
        ];
        let suggested = |words: &[&str]| of(words, commands.iter().map(|it| (*it).to_owned())).join(", ");
        let lines = [
            &["show", "instnces"][..],
            &["instances", "show"],
            &["list", "instances"],
            &["delete", "instance", "7"],
            &["find", "offers"],
            &["offers"],
            &["get", "workers", "12"],
            &["log"],
            &["ssh-keys", "list"],
            &["xyz"],
            &["show"],
        ];
        let all: String =
            lines.iter().map(|line| format!("{}: {}\n", line.join(" "), suggested(line))).collect();
        expect![[r#"
            show instnces: show instances, show instance
            instances show: show instances, show instance
            list instances: show instances, watch instances, create instance
            delete instance 7: create instance, destroy instance, show instance
            find offers: search offers
            offers: search offers
            get workers 12: get endpoint workers
            log: logs
            ssh-keys list: show ssh-keys, create ssh-key
            xyz: 
            show: 
        "#]]
        .assert_eq(&all);
    }
}
