import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, type Schemas, get, send } from "../../lib/api.ts";
import { bytes, count } from "../../lib/format.ts";
import { wrongAge } from "../../lib/filter.ts";
import { search } from "../../lib/router.ts";
import { useRead } from "../../lib/use.ts";
import { Shown, Trouble } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";

type Sweep = Schemas["Sweep"];

const fields = [
  ["success", "Ended well", "7d"],
  ["failed", "Ended otherwise", "30d"],
  ["unfinished", "Never ended", "90d"],
] as const;

/** Which operations are old. What would go is shown before anything does. */
export function Retention({ admin }: { admin: boolean }) {
  const [policy, setPolicy] = useState<Record<string, string>>({ success: "7d", failed: "30d", unfinished: "90d" });
  const [asked, setAsked] = useState<{ policy: Record<string, string>; turn: number } | null>(null);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [sending, setSending] = useState(false);
  const write = (name: string, text: string) => {
    setPolicy({ ...policy, [name]: text.trim() });
    // What was shown is of another policy.
    setAsked(null);
    setWrong({});
  };
  const show = () => {
    const found = fields.flatMap(([name, label]) => {
      const why = wrongAge(policy[name]!);
      return why ? [[name, `${label}: ${why}.`]] : [];
    });
    setWrong(Object.fromEntries(found));
    setAsked(found.length > 0 ? null : { policy, turn: (asked?.turn ?? 0) + 1 });
  };
  return (
    <section aria-labelledby="retention">
      <h2 id="retention">Retention</h2>
      <form
        class="row end"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          show();
        }}
      >
        {fields.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              size={8}
              value={policy[name]}
              placeholder={example}
              disabled={sending}
              aria-invalid={name in wrong}
              title="such as 12h, 7d, 4w, or never"
              onInput={(event) => write(name, event.currentTarget.value)}
            />
          </label>
        ))}
        <button type="submit">Show what would go</button>
      </form>
      {Object.values(wrong).map((text) => (
        <p key={text} role="alert" class="bad">
          {text}
        </p>
      ))}
      {asked && (
        <Plan
          key={`${search(asked.policy)} ${asked.turn}`}
          policy={asked.policy}
          admin={admin}
          sending={sending}
          setSending={setSending}
        />
      )}
    </section>
  );
}

interface PlanProps {
  policy: Record<string, string>;
  admin: boolean;
  sending: boolean;
  setSending: (sending: boolean) => void;
}

function Plan({ policy, admin, sending, setSending }: PlanProps) {
  const key = search(policy);
  const [gone, setGone] = useState<Sweep | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sure, setSure] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!sure || sending) return;
    const pressed = (event: KeyboardEvent) => event.key === "Escape" && setSure(false);
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [sure, sending]);
  useEffect(() => {
    if (sure) keep.current?.focus();
  }, [sure]);
  const held = useRead(`plan ${key}`, (signal) => get("/api/v1/retention/plan", policy, {}, signal));
  const apply = async () => {
    setSending(true);
    try {
      setProblem(null);
      setGone(await send<Sweep>("POST", `/api/v1/retention/apply${key}`));
    } catch (error) {
      setProblem(error as Problem);
    }
    setSending(false);
    setSure(false);
    held.reload();
  };
  return (
    <div class="sweep" aria-live="polite">
      {gone && (
        <p class="good">
          Removed {count(gone.events)} events of{" "}
          {count(gone.success.operations + gone.failed.operations + gone.unfinished.operations)} operations.
        </p>
      )}
      <Shown held={held}>
        {(plan) => (
          <>
            <Told plan={plan} />
            {admin && plan.events > 0 && (
              <p class="row">
                {sure ? (
                  <>
                    <button type="button" class="danger" disabled={sending} onClick={() => void apply()}>
                      Remove {count(plan.events)} events for good
                    </button>
                    <button ref={keep} type="button" class="plain" disabled={sending} onClick={() => setSure(false)}>
                      keep them
                    </button>
                  </>
                ) : (
                  <button type="button" onClick={() => setSure(true)}>
                    Remove…
                  </button>
                )}
              </p>
            )}
          </>
        )}
      </Shown>
      {problem && <Trouble problem={problem} />}
    </div>
  );
}

function Told({ plan }: { plan: Sweep }) {
  const share = (name: string, part: Schemas["Share"]) => (
    <>
      <dt>{name}</dt>
      <dd>
        {count(part.operations)} operations, about {bytes(part.bytes)}
      </dd>
    </>
  );
  if (plan.events === 0) return <p class="quiet">Nothing would go.</p>;
  return (
    <dl class="facts">
      {share("Ended well", plan.success)}
      {share("Ended otherwise", plan.failed)}
      {share("Never ended", plan.unfinished)}
      <dt>Events</dt>
      <dd>
        {count(plan.events)}
        {plan.oldest && plan.newest && (
          <>
            , recorded from <Time at={plan.oldest} /> to <Time at={plan.newest} />
          </>
        )}
      </dd>
      <dt>Lineage kept</dt>
      <dd>{count(plan.lineage_kept)} leave what lineage needs behind</dd>
      <dt>Held back</dt>
      <dd>{count(plan.held)} are old enough and stay</dd>
    </dl>
  );
}
