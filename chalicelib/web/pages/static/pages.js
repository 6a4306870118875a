// What the pages do in the browser besides htmx. Everything but uploading works without it.

// The summary of what is wrong gets the focus, so that it is read first.
document.querySelector(".errors[role=alert]")?.focus();

const toHex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");

// By extension: browsers know no type for some files, or one that another program has registered,
// as WPS Office does on Windows (langgenius/dify#9992). The service looks at the content.
const TYPES = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  jfif: "image/jpeg",
  eml: "message/rfc822",
  emlx: "message/rfc822",
  mbox: "message/rfc822",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};
const findType = (file) => TYPES[file.name.split(".").pop().toLowerCase()] || file.type || "application/octet-stream";

function showBusy(drop, rows, file) {
  const row = document.createElement("div");
  row.className = "file";
  const name = document.createElement("p");
  name.append(document.createElement("strong"));
  name.firstChild.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = file.size;
  bar.setAttribute("aria-label", `${drop.dataset.busy}: ${file.name}`);
  const state = document.createElement("span");
  state.className = "note";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  label(button, drop.dataset.cancel, file);
  row.append(name, button, bar, state);
  rows.append(row);
  return { row, state, bar, button };
}

function label(button, text, file) {
  const hidden = document.createElement("span");
  hidden.className = "hide";
  hidden.textContent = ` ${file.name}`;
  button.replaceChildren(text, hidden);
}

async function announce(drop, file, signal) {
  const sha256 = toHex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const once = drop.closest("form").elements.once.value;
  const body = new URLSearchParams({ file_name: file.name, content_type: findType(file), size: file.size, sha256, once });
  const answer = await fetch(drop.dataset.upload, { method: "POST", body, signal });
  if (answer.status === 201) return answer.json();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  throw new Error([...page.querySelectorAll("main p, main li")].slice(0, 3).map((p) => p.textContent).join(" "));
}

// XMLHttpRequest, because fetch does not tell how far an upload is.
const send = (upload, file, shown, signal) => new Promise((resolve, reject) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append("file", file);
  const request = new XMLHttpRequest();
  request.upload.onprogress = ({ loaded, total }) => {
    shown.bar.value = loaded;
    shown.state.textContent = `${Math.round((100 * loaded) / total)} %`;
  };
  request.onload = () => (request.status < 300 ? resolve() : reject(new Error("")));
  request.onerror = request.onabort = () => reject(new Error(""));
  signal.addEventListener("abort", () => request.abort());
  request.open("POST", upload.url);
  request.send(form);
});

let count = 0;
function addRow(drop, rows, file, id) {
  const used = [...rows.querySelectorAll("[name$='/id']")].map((input) => Number(input.name.split("/")[1]));
  count = Math.max(count, ...used, -1) + 1;
  const row = document.getElementById(`${drop.querySelector("input").id}-row`).content.cloneNode(true);
  const fill = (text) => text.replaceAll("__n__", count).replaceAll("__id__", id).replaceAll("__name__", file.name);
  for (const one of row.querySelectorAll("*")) {
    for (const attribute of one.attributes) attribute.value = fill(attribute.value);
    if (!one.children.length) one.textContent = fill(one.textContent);
  }
  for (const strong of row.querySelectorAll("strong")) strong.textContent = file.name;
  rows.append(row);
}

async function upload(drop, file) {
  const rows = document.getElementById(drop.dataset.rows);
  const shown = showBusy(drop, rows, file);
  const { row, state, bar, button } = shown;
  const abort = new AbortController();
  button.onclick = () => abort.abort();
  try {
    const announced = await announce(drop, file, abort.signal);
    abort.signal.throwIfAborted();
    await send(announced.upload, file, shown, abort.signal);
    row.remove();
    addRow(drop, rows, file, announced.id);
    drop.closest("form").dispatchEvent(new Event("change", { bubbles: true }));
  } catch (error) {
    bar.remove();
    state.className = "state bad";
    state.textContent = abort.signal.aborted ? drop.dataset.cancelled : error.message || drop.dataset.failed;
    label(button, drop.dataset.retry, file);
    button.onclick = () => {
      row.remove();
      upload(drop, file);
      rows.lastElementChild.querySelector("button").focus();
    };
  }
}

for (const drop of document.querySelectorAll("[data-upload]")) {
  const input = drop.querySelector("input");
  const take = () => {
    for (const file of input.files) upload(drop, file);
    input.value = "";
  };
  input.addEventListener("change", (event) => {
    event.stopPropagation();
    take();
  });
  take(); // what was chosen before this script had loaded
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    for (const file of event.dataTransfer.files) upload(drop, file);
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-remove]")) event.target.closest("fieldset").remove();
});

// Single keys only move the focus or tick; Enter acts. Never while somebody types.
const rows = () => [...document.querySelectorAll("[data-row]")];
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target?.type === "checkbox") {
    target.click();
    target.focus();
  } else if (target) {
    event.preventDefault();
    target.focus();
  } else if (event.key === "?") {
    const keys = document.getElementById("keys");
    keys?.togglePopover?.();
    if (keys?.matches(":popover-open")) keys.focus();
  } else if (event.key === "j" || event.key === "k") {
    const all = rows();
    const at = all.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    all[Math.max(0, Math.min(at, all.length - 1))]?.focus();
  }
});

// What waits for others is asked for again: after 15 s, then less often, never in a background tab.
const live = document.getElementById("live");
const FIRST = 15000, LONGEST = 120000;
let wait = FIRST;
async function look() {
  if (!document.hidden) {
    const answer = await fetch(location.href, { headers: { "If-None-Match": `"${live.dataset.tag}"` } }).catch(() => null);
    wait = Math.min(wait * 1.5, LONGEST);
    if (answer?.status === 200) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
  setTimeout(look, wait);
}
function show(page) {
  const [old, fresh] = [document, page].map((one) => one.querySelector("[data-live]"));
  const tag = page.getElementById("live")?.dataset.tag;
  if (!tag || tag === live.dataset.tag) return;
  wait = FIRST;
  live.dataset.tag = tag;
  live.textContent = `${live.dataset.changed} `;
  if (old && fresh && !old.contains(document.activeElement)) return old.replaceChildren(...fresh.children);
  const link = document.createElement("a");
  link.href = location.href.split("#")[0];
  link.textContent = live.dataset.show;
  live.append(link);
}
if (live) setTimeout(look, wait);
