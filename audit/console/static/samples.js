// The printed method has a button that prints it.
"use strict";
document.querySelector("[data-print]").addEventListener("click", () => window.print());
