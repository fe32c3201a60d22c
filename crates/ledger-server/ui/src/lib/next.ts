/** The place on this site to go to next, and never one elsewhere: the text comes from an address that anybody may have made. */
export function nextOf(text: string | null): string {
  return text && /^\/(?![/\\])[^\s\\]*$/.test(text) && !text.startsWith("/sign-in") ? text : "/";
}
