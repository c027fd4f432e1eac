// Draws the charts of the page. `ast: true` walks expressions by vega's interpreter: no eval.
"use strict";

for (const place of document.querySelectorAll("[data-chart]")) {
  // vega-embed labels what it draws into; the outer element keeps the label that is the answer.
  const canvas = place.appendChild(document.createElement("div"));
  fetch(place.dataset.chart)
    .then((answer) => {
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.json();
    })
    .then((specification) =>
      window.vegaEmbed(
        canvas,
        { ...specification, width: "container", autosize: { type: "fit-x", contains: "padding" } },
        {
          ast: true,
          logLevel: 1,
          actions: false,
          defaultStyle: false,
          mode: "vega-lite",
          renderer: "canvas",
          tooltip: { disableDefaultStyle: true },
          loader: { load: () => Promise.reject(new Error("charts read no addresses")) },
        },
      ),
    )
    .then(() => place.classList.add("drawn"))
    .catch(() => {
      place.textContent = "图没有画出来；数字见下面的表格。";
      place.nextElementSibling?.nextElementSibling?.nextElementSibling?.setAttribute("open", "");
    });
}
