// The charts of a package's page. The page carries the numbers (#chart-data) and a table
// of them below each chart; this draws them, by range and unit, in the scheme's colours.

const { Chart } = window;
const source = JSON.parse(document.getElementById("chart-data").textContent);
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const tickDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const PALETTE_SIZE = 24;
const TOOLTIP_LIMIT = 10;
const NAMED = { null: "null", other: "other", "smaller ones": "rest" };

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

let firstDay = 0;
let theme = readTheme();

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const colours = new Map();
  const colour = (name) => {
    if (!colours.has(name)) colours.set(name, style.getPropertyValue(name).trim());
    return colours.get(name);
  };
  const [line, muted, surface, ink] = ["--line", "--muted", "--surface", "--ink"].map(colour);
  return { colour, line, muted, surface, ink, incident: colour("--mark-incident") };
}

// Categories keep their colour whatever is shown: it depends on their place among all.
function colourNames(categories) {
  let next = 0;
  return categories.map((name) =>
    Object.hasOwn(NAMED, name) ? `--chart-${NAMED[name]}` : `--chart-${(next++ % PALETTE_SIZE) + 1}`,
  );
}

const total = (numbers) => numbers.reduce((sum, value) => sum + (value ?? 0), 0);

function columnsOf(chart) {
  return chart.categories.map((name) => chart.values[name]);
}

function sharesOf(columns) {
  const sums = columns[0].map((_, day) => total(columns.map((column) => column[day])));
  return columns.map((column) =>
    column.map((value, day) => (value === null || sums[day] === 0 ? null : value / sums[day])),
  );
}

// A day between two gaps has no line to be part of: show it as a point.
function pointRadius({ dataIndex, dataset: { data } }) {
  const alone = (data[dataIndex - 1] ?? null) === null && (data[dataIndex + 1] ?? null) === null;
  return alone ? 2 : 0;
}

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

function hatch(ctx, { from, to, top, bottom }) {
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

function tint(ctx, { from, to, top, bottom }) {
  ctx.save();
  ctx.fillStyle = theme.incident;
  ctx.globalAlpha = 0.2;
  ctx.fillRect(from, top, to - from, bottom - top);
  ctx.globalAlpha = 1;
  ctx.fillRect(from, top, to - from, 3);
  ctx.restore();
}

// Beside the line, on the side that has room for it.
function labelSeam(ctx, x, { left, right, top }) {
  const text = "definition changed";
  ctx.font = `11px ${Chart.defaults.font.family}`;
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

const missingDays = new Set(source.missing);
const incidentDays = new Set(source.incident_days);

const dayMarks = {
  id: "dayMarks",
  beforeDatasetsDraw(chart) {
    const { ctx, data } = chart;
    for (const run of runsOf(data.labels, incidentDays)) tint(ctx, areaOf(chart, run));
    for (const run of runsOf(data.labels, missingDays)) hatch(ctx, areaOf(chart, run));
  },
  afterDatasetsDraw(chart) {
    const place = chart.data.labels.indexOf(source.changed_on);
    if (place < 1) return;
    const { ctx, chartArea } = chart;
    const x = chart.scales.x.getPixelForValue(place);
    ctx.save();
    ctx.strokeStyle = theme.ink;
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    labelSeam(ctx, x, chartArea);
    ctx.restore();
  },
};

function incidentOn(day) {
  if (!incidentDays.has(day)) return "";
  const hit = source.incidents.filter(({ first, last }) => first <= day && (!last || day <= last));
  return hit.map(({ title }) => `Incident: ${title}`);
}

class PackageChart {
  constructor(section, chart) {
    this.section = section;
    this.stacked = chart.shares;
    this.labels = chart.labels;
    this.colours = colourNames(chart.categories);
    this.columns = columnsOf(chart);
    this.hidden = new Set();
    this.setUnit("counts");
    this.canvas = section.querySelector("canvas");
    this.chart = new Chart(this.canvas, this.config());
    this.buildLegend();
    this.watchUnits();
    this.update();
  }

  setUnit(unit) {
    this.unit = unit;
    this.shown = unit === "shares" ? sharesOf(this.columns) : this.columns;
  }

  format(value) {
    return this.unit === "shares" ? share.format(value) : whole.format(value);
  }

  config() {
    return {
      type: "line",
      data: { labels: [], datasets: this.labels.map((label, place) => this.dataset(label, place)) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: { x: this.dayAxis(), y: this.downloadsAxis() },
        plugins: { legend: { display: false }, tooltip: this.tooltip() },
      },
      plugins: [dayMarks],
    };
  }

  dataset(label, place) {
    const colour = () => theme.colour(this.colours[place]);
    return {
      label,
      data: [],
      borderColor: colour,
      backgroundColor: this.stacked ? colour : "transparent",
      fill: this.stacked ? "stack" : false,
      borderWidth: this.stacked ? 0.5 : 2,
      pointRadius,
      pointHitRadius: 8,
      pointBackgroundColor: colour,
      pointBorderWidth: 0,
    };
  }

  dayAxis() {
    return {
      grid: { display: false },
      border: { color: () => theme.line },
      ticks: {
        color: () => theme.muted,
        maxRotation: 0,
        autoSkipPadding: 28,
        callback: (_, place) => tickDay.format(new Date(this.chart.data.labels[place])),
      },
    };
  }

  downloadsAxis() {
    return {
      beginAtZero: true,
      stacked: this.stacked,
      grid: { color: () => theme.line },
      border: { display: false },
      ticks: {
        color: () => theme.muted,
        maxTicksLimit: 6,
        callback: (value) => (this.unit === "shares" ? share.format(value) : short.format(value)),
      },
    };
  }

  tooltip() {
    return {
      backgroundColor: () => theme.ink,
      titleColor: () => theme.surface,
      bodyColor: () => theme.surface,
      footerColor: () => theme.surface,
      padding: 10,
      boxPadding: 4,
      itemSort: (one, other) => other.raw - one.raw,
      filter: (item, _, items) =>
        item.raw !== null && items.filter((other) => other.raw > item.raw).length < TOOLTIP_LIMIT,
      callbacks: {
        title: ([item]) => (item ? longDay.format(new Date(item.label)) : ""),
        label: (item) => `${item.dataset.label}: ${this.format(item.raw)}`,
        footer: ([item]) => (item ? incidentOn(item.label) : ""),
      },
    };
  }

  buildLegend() {
    this.items = this.labels.map((label, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.style.setProperty("--swatch", `var(${this.colours[place]})`);
      button.append(Object.assign(document.createElement("span"), { textContent: label }));
      button.append(document.createElement("small"));
      button.addEventListener("click", () => this.toggle(place));
      return button;
    });
    this.section.querySelector("[data-legend]").replaceChildren(...this.items);
  }

  toggle(place) {
    if (!this.hidden.delete(place)) this.hidden.add(place);
    this.update();
  }

  watchUnits() {
    const group = this.section.querySelector("[data-units]");
    if (!group) return;
    watch(group, "unit", (unit) => {
      this.setUnit(unit);
      this.update();
    });
  }

  update() {
    const { data, options } = this.chart;
    data.labels = source.days.slice(firstDay);
    this.shown.forEach((column, place) => {
      data.datasets[place].data = column.slice(firstDay);
      data.datasets[place].hidden = this.hidden.has(place);
    });
    options.scales.y.max = this.unit === "shares" ? 1 : undefined;
    this.chart.update("none");
    this.updateLegend();
  }

  updateLegend() {
    const sums = this.columns.map((column) => total(column.slice(firstDay)));
    const all = total(sums);
    this.items.forEach((button, place) => {
      button.setAttribute("aria-pressed", String(!this.hidden.has(place)));
      const text = this.stacked ? share.format(all ? sums[place] / all : 0) : short.format(sums[place]);
      button.querySelector("small").textContent = text;
    });
  }
}

// Make a group of buttons a choice of one, named by each button's data attribute.
function watch(group, key, choose) {
  const buttons = [...group.querySelectorAll("button")];
  group.hidden = false;
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(button.dataset[key]);
    });
  }
}

const charts = source.charts.map(
  (chart) => new PackageChart(document.querySelector(`[data-chart="${chart.key}"]`), chart),
);

watch(document.querySelector("[data-ranges]"), "range", (range) => {
  firstDay = range === "all" ? 0 : Math.max(0, source.days.length - Number(range));
  for (const chart of charts) chart.update();
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  theme = readTheme();
  for (const chart of charts) chart.update();
});
