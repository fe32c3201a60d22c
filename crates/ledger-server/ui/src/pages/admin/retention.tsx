import { useState } from "preact/hooks";
import { type Problem, type Schemas, get, send } from "../../lib/api.ts";
import { bytes, count } from "../../lib/format.ts";
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
  return (
    <section aria-labelledby="retention">
      <h2 id="retention">Retention</h2>
      <form
        class="row end"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({ policy, turn: (asked?.turn ?? 0) + 1 });
        }}
      >
        {fields.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              required
              size={8}
              value={policy[name]}
              placeholder={example}
              pattern="never|[1-9][0-9]{0,8}[smhdw]"
              title="such as 12h, 7d, 4w, or never"
              onInput={(event) => setPolicy({ ...policy, [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <button type="submit">Show what would go</button>
      </form>
      {asked && <Plan key={`${search(asked.policy)} ${asked.turn}`} policy={asked.policy} admin={admin} />}
    </section>
  );
}

function Plan({ policy, admin }: { policy: Record<string, string>; admin: boolean }) {
  const key = search(policy);
  const [gone, setGone] = useState<Sweep | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sure, setSure] = useState(false);
  const [sending, setSending] = useState(false);
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
                    <button type="button" class="plain" onClick={() => setSure(false)}>
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
