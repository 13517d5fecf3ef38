// What every page shares: keys, one submit per click, messages, and the way back when a session ends. No state, no inline script.
"use strict";

// An element with data-key is clicked (or focused, where one types) by that key, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]") && !event.target.closest("dialog[open]")) return;
  const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key && one.offsetParent !== null && !one.disabled);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
});

// A second click on a form that is already on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && !form.hasAttribute("hx-post")) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// data-opens="id" opens that dialog; data-closes closes the one it stands in; data-all checks every box of that name.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  const all = event.target.closest("input[data-all]");
  if (all) document.querySelectorAll(`input[name="${all.dataset.all}"]`).forEach((box) => { box.checked = all.checked; });
});

// A file that is too large is told before it travels, and before anything typed beside it is at risk.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.dataset.maxMb) return;
  const large = [...field.files].find((file) => file.size > field.dataset.maxMb * 1024 * 1024);
  field.setCustomValidity(large ? `${large.name}: ${field.dataset.tooLarge}` : "");
  field.reportValidity();
});

// What the server refused is shown where it can be read, in its own words.
document.addEventListener("htmx:responseError", (event) => {
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "alert");
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  box.textContent = answer.body.textContent.trim() || String(event.detail.xhr.status);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), 9000);
});
document.addEventListener("htmx:sendError", () => {
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "alert");
  box.textContent = document.documentElement.lang === "en" ? "The server does not answer. Nothing was saved." : "服务器没有响应,操作没有保存。";
  document.getElementById("toasts").append(box);
});
