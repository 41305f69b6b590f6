// What the charts draw beside the numbers: days never counted are hatched, days within an
// incident are tinted, a dashed line is where downloads began to mean something else.

// Runs of days: [[first place, last place], ...] of the labels that are in `days`.
function runsOf(labels, days) {
  const runs = [];
  labels.forEach((day, place) => {
    if (!days.has(day)) return;
    if (runs.at(-1)?.[1] === place - 1) runs.at(-1)[1] = place;
    else runs.push([place, place]);
  });
  return runs;
}

// The part of the chart that belongs to a run of days, half a day on either side.
function areaOf({ chartArea, scales, data }, [first, last]) {
  const { left, right, top, bottom } = chartArea;
  const half = (right - left) / Math.max(1, data.labels.length - 1) / 2;
  const from = Math.max(left, scales.x.getPixelForValue(first) - Math.max(half, 1.5));
  const to = Math.min(right, scales.x.getPixelForValue(last) + Math.max(half, 1.5));
  return { from, to, top, bottom };
}

function hatch(ctx, theme, { from, to, top, bottom }) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, to - from, bottom - top);
  ctx.clip();
  ctx.globalAlpha = 0.16;
  ctx.fillStyle = theme.muted;
  ctx.fillRect(from, top, to - from, bottom - top);
  ctx.globalAlpha = 0.7;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  const height = bottom - top;
  // Steps are counted from the chart's corner, so that stripes of all runs are in line.
  for (let x = from - height - ((from - height) % 6); x < to; x += 6) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

function tint(ctx, theme, { from, to, top, bottom }) {
  ctx.save();
  ctx.fillStyle = theme.incident;
  ctx.globalAlpha = 0.2;
  ctx.fillRect(from, top, to - from, bottom - top);
  ctx.restore();
}

// Above the chart: full shares hide all that lies behind them.
function cap(ctx, theme, { from, to, top }) {
  ctx.save();
  ctx.fillStyle = theme.incident;
  ctx.fillRect(from, top - 6, to - from, 4);
  ctx.restore();
}

function drawSeam(chart, theme, place) {
  const { ctx, chartArea } = chart;
  const x = chart.scales.x.getPixelForValue(place);
  ctx.save();
  ctx.strokeStyle = theme.ink;
  ctx.setLineDash([4, 4]);
  ctx.beginPath();
  ctx.moveTo(x, chartArea.top);
  ctx.lineTo(x, chartArea.bottom);
  ctx.stroke();
  labelSeam(ctx, theme, x, chartArea);
  ctx.restore();
}

// Beside the line, on the side that has room for it.
function labelSeam(ctx, theme, x, { left, right, top }) {
  const text = "definition changed";
  ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const width = ctx.measureText(text).width;
  const place = x + width + 14 < right ? x + 6 : x - width - 10;
  if (place < left) return;
  ctx.globalAlpha = 0.85;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(place - 2, top + 6, width + 6, 16);
  ctx.globalAlpha = 1;
  ctx.fillStyle = theme.ink;
  ctx.textBaseline = "middle";
  ctx.fillText(text, place + 1, top + 14.5);
}

// The plugin for Chart.js, and what it says of a day in words.
export function dayMarks({ missing, incidents, incident_days, changed_on }, theme) {
  const missingDays = new Set(missing);
  const incidentDays = new Set(incident_days);

  function incidentsOn(day) {
    if (!incidentDays.has(day)) return "";
    const hit = incidents.filter(({ first, last }) => first <= day && (!last || day <= last));
    return hit.map(({ title }) => `Incident: ${title}`);
  }

  const plugin = {
    id: "dayMarks",
    beforeDatasetsDraw(chart) {
      const { ctx, data } = chart;
      for (const run of runsOf(data.labels, incidentDays)) tint(ctx, theme(), areaOf(chart, run));
      for (const run of runsOf(data.labels, missingDays)) hatch(ctx, theme(), areaOf(chart, run));
    },
    afterDatasetsDraw(chart) {
      const { ctx, data } = chart;
      for (const run of runsOf(data.labels, incidentDays)) cap(ctx, theme(), areaOf(chart, run));
      const places = changed_on.map((day) => data.labels.indexOf(day));
      for (const place of places) if (place > 0) drawSeam(chart, theme(), place);
    },
  };
  return { plugin, incidentsOn };
}
