//! Runs a server beneath a small shell that outlives us, so that even a killed test leaves no process and no file behind.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::EngineError;
use super::host::Unprivileged;

/// Takes a folder to remove at the end, the signal that ends the server, and the server's command.
///
/// It reads words from a pipe whose other end only the test holds; when that end is gone, however the test ended,
/// it kills the server and removes the folder. Signals meant for the test are let pass.
const WATCHDOG: &str = r#"
folder=$1; signal=$2; shift 2
server=
start() { "$@" >>"$folder/log" 2>&1 </dev/null & server=$!; echo "$server" >"$folder/pid"; }
halt() { kill -"$signal" "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
trap : INT TERM HUP PIPE
cd "$folder" || exit 1
start "$@"
while read -r word; do
  case $word in
    halt) halt; echo halted ;;
    start) start "$@"; echo started ;;
  esac
done
halt
cd /
rm -rf "$folder"
"#;

/// A server that dies, with its folder, when this value or the whole process is gone.
#[derive(Debug)]
pub(super) struct Guarded {
    folder: PathBuf,
    pipe: Mutex<Option<Pipe>>,
    shell: Mutex<Child>,
}

#[derive(Debug)]
struct Pipe {
    words: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Guarded {
    /// Starts a command in a folder that will be removed, ended by this signal (`QUIT`, `KILL`).
    pub(super) fn start(
        folder: tempfile::TempDir,
        signal: &str,
        user: Option<Unprivileged>,
        program: &Command,
    ) -> Result<Self, EngineError> {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(WATCHDOG).arg("watchdog").arg(folder.path()).arg(signal);
        shell.arg(program.get_program()).args(program.get_args());
        for (key, value) in program.get_envs() {
            shell.env(key, value.unwrap_or_default());
        }
        Unprivileged::drop_to(user, &mut shell);
        // In a group of its own the shell does not hear the Ctrl-C that ends the test, and lives to clean up.
        shell.process_group(0).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn().map_err(|e| EngineError::new(format!("`sh` does not start: {e}")))?;
        let pipe = shell.stdin.take().zip(shell.stdout.take());
        let pipe = pipe.map(|(words, answers)| Pipe { words, answers: BufReader::new(answers) });
        // From here on the shell removes the folder.
        Ok(Self { folder: folder.keep(), pipe: Mutex::new(pipe), shell: Mutex::new(shell) })
    }

    /// Kills the server and returns when it is gone.
    pub(super) fn halt(&self) -> Result<(), EngineError> {
        self.say("halt")
    }

    /// Starts the server again; it may need a moment to answer.
    pub(super) fn start_again(&self) -> Result<(), EngineError> {
        self.say("start")
    }

    /// Returns what the server logged, for a message.
    pub(super) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines().last().unwrap_or("it logged nothing").to_owned()
    }

    /// Says whether the server ended by itself, as far as this machine shows its processes.
    pub(super) fn ended(&self) -> bool {
        if !self.folder.is_dir() {
            return true;
        }
        let pid = std::fs::read_to_string(self.folder.join("pid")).unwrap_or_default();
        let Ok(pid) = pid.trim().parse::<u32>() else { return false };
        match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            // Its state stands after its name: a process that ended is a `Z` until the shell asks for it.
            Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
            Err(_) => Path::new("/proc/self/stat").exists(),
        }
    }

    fn say(&self, word: &str) -> Result<(), EngineError> {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pipe) = pipe.as_mut() else { return Err(EngineError::new("the watchdog has no pipe")) };
        let mut answer = String::new();
        let said = writeln!(pipe.words, "{word}").and_then(|()| pipe.answers.read_line(&mut answer));
        match said {
            Ok(bytes) if bytes > 0 => Ok(()),
            Ok(_) => Err(EngineError::new("the watchdog is gone")),
            Err(e) => Err(EngineError::new(format!("the watchdog does not answer: {e}"))),
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // Closing the pipe is what ends the server; waiting keeps the next test from meeting its last breath.
        *self.pipe.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.shell.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}
