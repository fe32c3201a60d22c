// What whoever runs the ledger does: retention, copies, tokens, tables; replicas, and who listens.
import "./admin.css";
import { signedIn } from "../lib/api.ts";
import { Listeners } from "./admin/listeners.tsx";
import { Migrations } from "./admin/migrations.tsx";
import { Replicas } from "./admin/replicas-table.tsx";
import { Retention } from "./admin/retention.tsx";
import { Snapshots } from "./admin/snapshots.tsx";
import { Tokens } from "./admin/tokens.tsx";

export function AdminPage(_: { name: string }) {
  const admin = signedIn.value?.scopes.includes("admin") ?? false;
  return (
    <>
      <h1>Admin</h1>
      {!admin && <p class="quiet">You may look at this. To change anything takes a token with the scope admin.</p>}
      <Snapshots />
      <Retention admin={admin} />
      {admin && <Tokens />}
      <Replicas />
      <Listeners />
      <Migrations />
    </>
  );
}
