// Writes strings.json and versions.txt: GPP strings made by the reference library, each with the values given to it.
// Run in a folder with `npm install @iabgpp/cmpapi@3.2.0`: node reference.js FOLDER_OF_THIS_FILE
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const here = createRequire(path.join(process.cwd(), "run.js"));
const library = path.join(process.cwd(), "node_modules/@iabgpp/cmpapi");
const { GppModel } = here(path.join(library, "lib/cjs/encoder/GppModel.js"));
const { Sections } = here(path.join(library, "lib/cjs/encoder/section/Sections.js"));
const classes = Object.values(here(path.join(library, "lib/cjs/encoder/section/index.js")));

// A generator of pseudo-random numbers with a fixed seed (mulberry32), so that a second run writes the same bytes.
let state = 20261126;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const whole = (low, high) => low + Math.floor(random() * (high - low + 1));

const laws = [...Sections.SECTION_ID_NAME_MAP].filter(([id]) => id >= 7);

function fill(model, name, version) {
  const section = new (classes.find((one) => one.NAME === name))();
  const [core, further] = section.initializeSegments();
  for (const segment of [core, further].filter(Boolean)) {
    for (const field of segment.getFieldNames()) {
      const kind = segment.fields.get(field);
      if (["Version", "MspaVersion", "GpcSegmentType"].includes(field)) continue;
      const choice = () => (field === "MspaCoveredTransaction" ? whole(1, 2) : whole(0, 2));
      const value = kind.constructor.name === "EncodableBoolean" ? random() < 0.5
        : kind.numElements ? Array.from({ length: kind.numElements }, choice) : choice();
      model.setFieldValue(name, field, value);
    }
  }
  if (version) model.setFieldValue(name, "Version", version);
  if (further && further.getFieldNames().includes("Gpc") && random() < 0.4) {
    model.setFieldValue(name, "GpcSegmentIncluded", false);
  }
}

const cases = [];
function add(names) {
  const model = new GppModel();
  for (const [name, version] of names) {
    if (name === "uspv1") {
      model.setFieldValue("uspv1", "Notice", "Y");
      model.setFieldValue("uspv1", "OptOutSale", random() < 0.5 ? "Y" : "N");
      model.setFieldValue("uspv1", "LspaCovered", "N");
    } else if (name === "tcfeuv2") {
      model.setFieldValue("tcfeuv2", "CmpId", whole(1, 400));
      model.setFieldValue("tcfeuv2", "PurposeConsents", Array.from({ length: 24 }, (_, at) => at < 11 && random() < 0.5));
    } else fill(model, name, version);
  }
  const encoded = model.encode();
  const read = new GppModel(encoded);
  const sections = {};
  for (const [name] of names) {
    if (name !== "tcfeuv2") sections[name] = read.getSection(name);
    else {
      sections[name] = { CmpId: read.getFieldValue(name, "CmpId"), PurposeConsents: read.getFieldValue(name, "PurposeConsents") };
    }
  }
  cases.push({ encoded, ids: read.getSectionIds(), sections });
}
for (const [, name] of laws) for (let round = 0; round < 3; round += 1) add([[name]]);
for (let round = 0; round < 3; round += 1) add([["usnat", 1]]);
add([["uspv1"]]);
add([["tcfeuv2"]]);
for (let round = 0; round < 30; round += 1) {
  const some = laws.filter(() => random() < 0.3).map(([, name]) => [name]);
  add([...(random() < 0.5 ? [["tcfeuv2"]] : []), ...(random() < 0.5 ? [["uspv1"]] : []), ...some]);
}
const folder = process.argv[2];
const lines = cases.map((one) => JSON.stringify(one)).join(",\n");
fs.writeFileSync(path.join(folder, "strings.json"), `[\n${lines}\n]\n`);
const version = JSON.parse(fs.readFileSync(path.join(library, "package.json"))).version;
fs.writeFileSync(path.join(folder, "versions.txt"), `@iabgpp/cmpapi ${version}\nnode ${process.version}\n`);
