// Writes strings.json and versions.txt: 50 TC strings made by the reference library, each with its decoding by the same library.
// Run in a folder with `npm install @iabtcf/core@1.5.6`: node reference.js FOLDER_OF_THIS_FILE
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const here = createRequire(path.join(process.cwd(), "run.js"));
const { GVL, PurposeRestriction, Segment, TCModel, TCString } = here("@iabtcf/core");

// A generator of pseudo-random numbers with a fixed seed (mulberry32), so that a second run writes the same bytes.
let state = 20261126;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const whole = (low, high) => low + Math.floor(random() * (high - low + 1));
const some = (ids, share) => ids.filter(() => random() < share);
const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

// Without these entries the library would download the texts of a language.
const LANGUAGES = ["EN", "FR", "DE", "IT", "NL"];
for (const language of LANGUAGES) GVL.LANGUAGE_CACHE.set(language, {});

const numbered = (n) => Object.fromEntries(upTo(n).map((id) => [id, { id, name: `Made-up entry ${id}` }]));

function vendorList(ids, listVersion, policyVersion) {
  const vendors = {};
  for (const id of ids) {
    vendors[id] = {
      id, name: `Made-up vendor ${id}`, purposes: [1, 3, 4], legIntPurposes: [2, 7, 9], flexiblePurposes: [2, 3, 7],
      specialPurposes: [1], features: [1], specialFeatures: [1], cookieMaxAgeSeconds: 1, usesCookies: true,
      cookieRefresh: false, usesNonCookieAccess: false,
    };
  }
  return new GVL({
    gvlSpecificationVersion: 3, vendorListVersion: listVersion, tcfPolicyVersion: policyVersion,
    lastUpdated: "2026-01-01T16:00:00Z", purposes: numbered(11), specialPurposes: numbered(3), features: numbered(3),
    specialFeatures: numbered(2), stacks: {}, vendors,
  });
}

// Which vendors exist: few, many, in long runs (range encoding), far apart (bit field or short ranges).
const LISTS = [
  () => [2, 8, 755],
  () => some(upTo(60), 0.5).concat([61]),
  () => upTo(40).concat(upTo(30).map((n) => n + 700)),
  () => some(upTo(1500), 0.03).concat([1501]),
  () => upTo(1300),
  () => [1, 65535],
];
const SEGMENTS = [
  [Segment.CORE],
  [Segment.CORE, Segment.VENDORS_DISCLOSED],
  [Segment.CORE, Segment.PUBLISHER_TC],
  [Segment.CORE, Segment.VENDORS_DISCLOSED, Segment.PUBLISHER_TC],
  [Segment.CORE, Segment.VENDORS_DISCLOSED, Segment.VENDORS_ALLOWED, Segment.PUBLISHER_TC],
  [Segment.CORE, Segment.PUBLISHER_TC, Segment.VENDORS_ALLOWED],
];
const COUNTRIES = ["AT", "BE", "DE", "FR", "IE", "IT", "NL", "ZZ"];

// Numbers as text, runs joined: [1, 2, 3, 8] is "1-3 8".
function runs(numbers) {
  const parts = [];
  for (const n of numbers) {
    const last = parts[parts.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(" ");
}
function ids(vector) {
  const set = [];
  vector.forEach((on, id) => { if (on) set.push(id); });
  return runs(set);
}

function decoded(text) {
  const model = TCString.decode(text);
  const parts = text.split(".").slice(1).map((part) => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".indexOf(part[0]) >> 3);
  return {
    version: model.version, created: model.created.toISOString(), last_updated: model.lastUpdated.toISOString(),
    cmp_id: model.cmpId, cmp_version: model.cmpVersion, consent_screen: model.consentScreen,
    consent_language: model.consentLanguage, vendor_list_version: model.vendorListVersion, policy_version: model.policyVersion,
    service_specific: model.isServiceSpecific, non_standard_texts: model.useNonStandardStacks,
    special_features: ids(model.specialFeatureOptins), purposes_consent: ids(model.purposeConsents),
    purposes_interest: ids(model.purposeLegitimateInterests), purpose_one_treatment: model.purposeOneTreatment,
    publisher_country: model.publisherCountryCode, vendors_consent: ids(model.vendorConsents),
    vendors_interest: ids(model.vendorLegitimateInterests),
    restrictions: model.publisherRestrictions.getRestrictions().map((one) => ({
      purpose: one.purposeId, kind: one.restrictionType,
      vendors: runs([...new Set(model.publisherRestrictions.getVendors(one))].sort((a, b) => a - b)),
    })),
    segments: parts,
    disclosed: parts.includes(1) ? ids(model.vendorsDisclosed) : null,
    allowed: parts.includes(2) ? ids(model.vendorsAllowed) : null,
    publisher: parts.includes(3) ? {
      consent: ids(model.publisherConsents), interest: ids(model.publisherLegitimateInterests),
      custom: Number(model.numCustomPurposes), custom_consent: ids(model.publisherCustomConsents),
      custom_interest: ids(model.publisherCustomLegitimateInterests),
    } : null,
  };
}

function one(number) {
  const vendors = [...new Set(LISTS[number % LISTS.length]())];
  const gvl = vendorList(vendors, whole(1, 4000), [2, 4, 5][number % 3]);
  gvl.lang_ = LANGUAGES[number % LANGUAGES.length];
  const model = new TCModel(gvl);
  const share = [0, 0.2, 0.5, 0.9, 1][number % 5];
  model.cmpId = whole(2, 4095);
  model.cmpVersion = whole(0, 4095);
  model.consentScreen = whole(0, 63);
  model.isServiceSpecific = number % 4 !== 0;
  model.useNonStandardStacks = random() < 0.3;
  model.purposeOneTreatment = random() < 0.2;
  model.publisherCountryCode = COUNTRIES[number % COUNTRIES.length];
  model.specialFeatureOptins.set(some([1, 2], share));
  model.purposeConsents.set(some(upTo(11), share));
  model.purposeLegitimateInterests.set(some(upTo(11).slice(1), 1 - share));
  model.vendorConsents.set(some(vendors, share));
  model.vendorLegitimateInterests.set(some(vendors, 1 - share));
  model.vendorsAllowed.set(some(vendors, 0.5));
  model.publisherConsents.set(some(upTo(11), share));
  model.publisherLegitimateInterests.set(some(upTo(11), 0.3));
  model.numCustomPurposes = number % 7;
  model.publisherCustomConsents.set(some(upTo(number % 7), 0.5));
  model.publisherCustomLegitimateInterests.set(some(upTo(number % 7), 0.5));
  if (model.isServiceSpecific) {
    for (const purpose of some([2, 3, 7], 0.5)) {
      const restriction = new PurposeRestriction(purpose, whole(0, 2));
      for (const vendor of some(vendors, 0.3)) model.publisherRestrictions.add(vendor, restriction);
    }
  }
  const created = Date.UTC(2020, 7, 15) + whole(0, 2200) * 86400000 + whole(0, 863999) * 100;
  model.created = new Date(created);
  model.lastUpdated = new Date(created + whole(0, 300 * 864000) * 100);
  const text = TCString.encode(model, { segments: SEGMENTS[Math.floor(number / 2) % SEGMENTS.length] });
  return { id: `string ${number + 1}`, string: text, decoded: decoded(text) };
}

const out = process.argv[2];
const strings = upTo(50).map((n) => one(n - 1));
fs.writeFileSync(path.join(out, "strings.json"), `[\n${strings.map((s) => JSON.stringify(s)).join(",\n")}\n]\n`);
const version = JSON.parse(fs.readFileSync("node_modules/@iabtcf/core/package.json", "utf8")).version;
fs.writeFileSync(path.join(out, "versions.txt"), `node ${process.version}\n@iabtcf/core ${version}\n`);
