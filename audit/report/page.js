(function () {
  var root = document.documentElement, buttons = document.querySelectorAll(".switch button");
  function speak(language) {
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    buttons.forEach(function (button) { button.setAttribute("aria-pressed", String(button.value === language)); });
    try { localStorage.setItem("audit-language", language); } catch (ignored) { /* a page opened from disk may have no storage */ }
  }
  var kept = null;
  try { kept = localStorage.getItem("audit-language"); } catch (ignored) { /* the same */ }
  speak(location.hash === "#en" ? "en" : location.hash === "#zh" ? "zh" : kept === "en" ? "en" : "zh");
  buttons.forEach(function (button) { button.addEventListener("click", function () { speak(button.value); }); });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
})();
