"use strict";
// Looks whether the code was confirmed, and loads the page anew only when something changed: the focus and the reading stay where they are.
(() => {
  const state = document.getElementById("qr").dataset.state;
  const again = document.getElementById("qr-again").href;
  const look = async () => {
    try {
      const answer = await fetch(state, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok && (await answer.json()).state !== "waiting") {
        location.replace(again);
        return;
      }
    } catch (error) {
      // The network is away for a moment: look again.
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
