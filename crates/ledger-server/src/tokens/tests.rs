//! What a file of tokens keeps, what it refuses, and how a server follows it.

use std::time::{Duration, Instant};

use super::*;

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("ledger-tokens-{}", Uuid::now_v7().simple()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// Returns the path of the file of tokens, which need not be there.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("tokens.json")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns a time at which a server looks again.
fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[test]
fn hashes_are_the_same_only_if_every_bit_is() {
    let one = hash_of("one");
    assert!(is_same(&one, &hash_of("one")) && !is_same(&one, &hash_of("One")));
    for at in 0..256 {
        let mut other = one;
        other[at / 8] ^= 1 << (at % 8);
        assert!(!is_same(&one, &other), "bit {at}");
    }
}

#[test]
fn a_file_keeps_what_a_token_is_for_and_never_the_token() {
    let folder = Folder::new();
    let path = folder.file();
    let (_, first) = add(&path, "ci \"1\"", &[Scope::Append]).unwrap();
    let (made, second) = add(&path, "héron", &[Scope::Admin, Scope::Read, Scope::Admin]).unwrap();
    assert_eq!((first.len(), first.starts_with("ledger_")), (71, true));
    assert_ne!(first, second);
    let listed = list(&path).unwrap();
    assert_eq!(listed[1], made);
    assert_eq!((&*listed[0].name, &*listed[0].scopes), ("ci \"1\"", &[Scope::Append][..]));
    assert_eq!(listed[1].scopes, [Scope::Read, Scope::Admin]);
    let text = folder.text();
    assert!(!text.contains(&first) && !text.contains(&first[7..]) && !text.contains(&second), "{text}");
    let file = TokenFile::open(&path).unwrap();
    assert_eq!((file.count(), file.path()), (2, &*path));
    assert_eq!(file.find(&hash_of(&second)), Some(made));
    assert_eq!(file.find(&hash_of("ledger_")), None);
    assert!(!format!("{file:?}").contains("sha256"));
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_and_one_that_is_there_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.file();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    add(&path, "one", &[Scope::Read]).unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.0.join("link.json");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    add(&link, "two", &[Scope::Read]).unwrap();
    assert_eq!((mode(), list(&path).unwrap().len()), (0o640, 2));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let mut names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["link.json", "tokens.json", "tokens.json.lock"], "something was left");
}

#[test]
fn a_name_is_given_once_and_can_be_read() {
    let folder = Folder::new();
    let path = folder.file();
    for name in ["", " ", "a\nb", "\u{1b}[2J", &"x".repeat(101)] {
        assert!(matches!(add(&path, name, &[Scope::Read]), Err(TokenError::Invalid { .. })), "{name:?}");
    }
    assert!(matches!(add(&path, "ci", &[]), Err(TokenError::Invalid { .. })));
    assert!(!path.exists());
    add(&path, &"x".repeat(100), &[Scope::Read]).unwrap();
    add(&path, "ci", &[Scope::Read]).unwrap();
    let before = folder.text();
    let taken = add(&path, "ci", &[Scope::Admin]).unwrap_err();
    assert!(matches!(taken, TokenError::Taken { .. }) && taken.to_string().starts_with("the name `ci` is taken in `"));
    assert!(matches!(revoke(&path, "cd"), Err(TokenError::Unknown { .. })));
    assert_eq!(folder.text(), before);
    revoke(&path, "ci").unwrap();
    add(&path, "ci", &[Scope::Admin]).unwrap();
    assert!(matches!(revoke(&folder.0.join("none.json"), "ci"), Err(TokenError::NoFile { .. })));
}

#[test]
fn a_malformed_file_is_refused_with_what_is_wrong_and_no_hash() {
    let folder = Folder::new();
    let path = folder.file();
    add(&path, "ci", &[Scope::Read]).unwrap();
    let good = folder.text();
    let line = good.split_once('[').unwrap().1.rsplit_once(']').unwrap().0.to_owned();
    let digits = good.split_once("sha256:").unwrap().1[..64].to_owned();
    let cases = [
        (String::new(), "EOF"),
        ("{}".to_owned(), "missing field `tokens`"),
        (format!("{good}{good}"), "trailing characters"),
        (good.replace("\"name\"", "\"nane\""), "does not belong there at line 4"),
        (good.replace("\"scopes\": [", "\"scopes\": [7, "), "does not belong there"),
        (good.replace("\"scopes\"", "\"name\""), "duplicate field `name`"),
        (good.replace("\"read\"", "\"write\""), "token 1: a scope is none of"),
        (good.replace("\"read\"", ""), "token 1: there is no scope"),
        (good.replace("\"ci\"", "\"\""), "token 1: the name is empty"),
        (good.replace("sha256:", ""), "token 1: the hash is not"),
        (good.replace(&digits, &digits[1..]), "token 1: the hash is not"),
        (good.replace(&digits, &format!("+{}", &digits[1..])), "token 1: the hash is not"),
        (good.replace("\"created_at\": \"2", "\"created_at\": \"x2"), "`created_at` is no time"),
        (format!("{{\"tokens\":[\"sha256:{digits}\"]}}"), "does not belong there at line 1"),
        (format!("{{\"sha256:{digits}\":1}}"), "does not belong there at line 1"),
        (format!("{{\"tokens\":[{line},{line}]}}"), "token 2: the name or the hash"),
        (format!("{{\"tokens\":[{line},{}]}}", line.replace("\"ci\"", "\"cd\"")), "token 2: the name or the hash"),
        ("[".repeat(2 << 20), "more than 1048576 bytes"),
    ];
    for (text, why) in cases {
        fs::write(&path, &text).unwrap();
        let error = TokenFile::open(&path).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, TokenError::Malformed { .. }) && said.contains(why), "{why}: {said}");
        assert!(said.starts_with('`') && !said.contains(&digits[8..16]), "{said}");
        assert!(add(&path, "other", &[Scope::Read]).is_err(), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "a file that could not be read was changed");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(TokenFile::open(&path), Err(TokenError::NoFile { .. })));
}

#[test]
fn a_server_goes_by_the_file_as_it_is_now() {
    let folder = Folder::new();
    let path = folder.file();
    let (_, first) = add(&path, "first", &[Scope::Read]).unwrap();
    let file = TokenFile::open(&path).unwrap();
    let clone = file.clone();
    let (_, second) = add(&path, "second", &[Scope::Read]).unwrap();
    revoke(&path, "first").unwrap();
    assert!(clone.find_at(&hash_of(&first), later()).is_none(), "it was revoked");
    assert!(file.find(&hash_of(&second)).is_some() && file.count() == 1);
}

#[test]
fn a_change_that_cannot_be_read_lets_nobody_in_and_shuts_nobody_out() {
    let folder = Folder::new();
    let path = folder.file();
    let (_, token) = add(&path, "ci", &[Scope::Read]).unwrap();
    let file = TokenFile::open(&path).unwrap();
    let good = folder.text();
    for minutes in 1..4 {
        let now = later() + Duration::from_secs(60) * minutes;
        match minutes {
            1 => fs::write(&path, &good[..good.len() / 2]).unwrap(),
            2 => fs::remove_file(&path).unwrap(),
            _ => fs::write(&path, "{\"tokens\":[]}").unwrap(),
        }
        assert_eq!(file.find_at(&hash_of(&token), now).is_some(), minutes < 3, "{minutes}");
        assert_eq!(file.is_stale(), minutes < 3, "{minutes}");
    }
}

#[test]
fn many_who_add_at_once_lose_nothing() {
    let folder = Folder::new();
    let path = folder.file();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let path = &path;
            scope.spawn(move || add(path, &format!("t-{number}"), &[Scope::Read]).unwrap());
        }
    });
    assert_eq!(list(&path).unwrap().len(), 8);
}
