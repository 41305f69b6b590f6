// The charts of a package's page. The page carries the numbers (#chart-data) and a table
// of them below each chart; this draws them, by range and unit, in the scheme's colours.

import { dayMarks } from "./day-marks.js";

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
const marks = dayMarks(source, () => theme);

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
      plugins: [marks.plugin],
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
        footer: ([item]) => (item ? marks.incidentsOn(item.label) : ""),
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
