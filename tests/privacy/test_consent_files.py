"""Consent files of each maker: made-up examples in the documented form, and damaged ones."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import DataError
from trustkit.privacy.consent_files import KINDS
from trustkit.privacy.consents import STATUSES

AT = "2026-03-01T09:00:00Z"
TCF = "CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA"
REFERENCE = Path(__file__).parents[1] / "reference" / "tcf" / "strings.json"

USERCENTRICS = (
    "Controller ID,Timestamp,CMP Configuration ID,CMP Configuration Version,Consent Action,"
    "Data Processing Service ID,Data Processing Service Version,Consent Given,Consent String\n"
    "c0ffee01,2026-03-01T09:00:00.000Z,set1,4.1,onAcceptAllServices,maps,7,true,\n"
    "c0ffee01,2026-03-01T09:00:00.000Z,set1,4.1,onAcceptAllServices,ads,2,true,\n"
    "c0ffee01,2026-04-01T09:00:00.000Z,set1,4.2,onUpdateServices,ads,2,false,\n"
)
REPORT = (
    "settingsId,TemplateId,processorName,dataFrom,dataTo,action,actionType,OptIn,OptOut\n"
    "set1,t1,Maps,2026-03-01,2026-03-31,onAcceptAllServices,explicit,700,0\n"
    "set1,t1,Maps,2026-03-01,2026-03-31,onDenyAllServices,explicit,0,300\n"
    "set1,t1,Maps,2026-03-01,2026-03-31,onNonEURegion,implicit,500,0\n"
)
COMMANDERS = (
    "id_hit,id_tagcommander,id_privacy,version,cookie,tcpid,date_hit,privacy_action,type_action,device\n"
    "1,10,3,2.0,,visitor1,2026-03-01T09:00:00Z,V,banner,1\n"
    '2,10,3,2.0,"analytics,ads",visitor1,2026-03-01T09:00:05Z,1,banner,1\n'
    "3,10,3,2.0,,visitor2,2026-03-01T10:00:00Z,V,banner,3\n"
    "4,10,3,2.0,,visitor2,2026-03-01T10:00:09Z,0,banner,3\n"
    "5,10,3,2.0,,visitor3,2026-03-01T11:00:00Z,V,banner,2\n"
    "6,10,3,2.0,analytics,visitor4,2026-03-01T12:00:00Z,1,pc,2\n"
    "7,10,3,1.0,,visitor5,2026-03-01T12:00:00Z,-1,banner,2\n"
)
COOKIESCRIPT = (
    "Key,Action,IP,Time,Page,Browser,Categories,Text\n"
    'k1,Accept,203.0.113.0,2026-03-01 09:00:00,https://shop.example,A/1,"strict,performance,targeting",We\n'
    "k2,Reject,203.0.113.0,2026-03-01 09:05:00,https://shop.example,A/1,strict,We use\n"
    "k3,Accept,203.0.113.0,2026-03-01 09:06:00,https://shop.example,A/1,performance,We use\n"
)
COOKIEBOT = {
    "domain": "www.shop.example",
    "urlpath": "/",
    "utcstartdate": "2026-03-01T00:00:00.0000000Z",
    "utcenddate": "2026-03-02T23:59:59.9990000Z",
    "consentstat": {
        "consentday": [
            {
                "Date": "2026-03-01T00:00:00", "OptIn": "60", "OptOut": "40", "OptInImplied": "15",
                "OptInStrict": "45", "TypeOptInPref": "50", "TypeOptInStat": "48", "TypeOptInMark": "30",
                "BulkOptInImplied": "0", "BulkOptInStrict": "0",
                "Countries": {"Country": [{"Code": "de", "Count": "100"}]},
            },
            {
                "Date": "2026-03-02T00:00:00", "OptIn": "10", "OptOut": "10", "OptInImplied": "0",
                "OptInStrict": "10", "TypeOptInPref": "9", "TypeOptInStat": "9", "TypeOptInMark": "5",
                "BulkOptInImplied": "0", "BulkOptInStrict": "0", "Countries": {},
            },
        ]
    },
}  # fmt: skip
ONETRUST = [
    {
        "identifier": "M-0001", "interactionDate": "2026-03-01T09:00:00Z",
        "purposes": [
            {"Id": "newsletter", "TransactionType": "CONFIRMED", "Version": 2},
            {"Id": "profiling", "TransactionType": "NOTGIVEN"},
            {"Id": "sms", "TransactionType": "CHANGE_PREFERENCES"},
        ],
    },
    {
        "identifier": "M-0001", "interactionDate": "2026-04-01T09:00:00Z",
        "withdrawnDate": "2026-04-02T09:00:00Z",
        "purposes": [{"Id": "newsletter", "TransactionType": "WITHDRAWN"}],
    },
]  # fmt: skip
KANTARA = {
    "version": "KI-CR-v1.1.0", "jurisdiction": "DE", "consentTimestamp": 1772355600,
    "collectionMethod": "web form",
    "consentReceiptID": "c1fe8d09-0001", "piiPrincipalId": "principal-1", "language": "en",
    "services": [
        {"service": "Shop", "purposes": [{"purpose": "Contracted service", "consentType": "EXPLICIT"}]},
        {"service": "Panel", "purposes": [{"purpose": "Research", "consentType": "EXPLICIT"}]},
    ],
}  # fmt: skip
DPV = {
    "@context": {"dpv": "https://w3id.org/dpv#"},
    "@type": "dpv:ConsentRecord",
    "dct:identifier": "record-1",
    "dct:hasVersion": "1.0",
    "dpv:hasDataSubject": {"@id": "subject-1", "@type": "dpv:Consumer"},
    "dpv:hasProcess": [{"@type": "dpv:Process", "dpv:hasPurpose": ["dpv:Marketing", {"@id": "ex:research"}]}],
    "dpv:hasConsentStatus": [
        {
            "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedAtTime": "2026-03-01T09:00:00Z",
            "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": "P1M"},
        },
        {"@type": "dpv:ConsentWithdrawn", "dpv:isIndicatedAtTime": {"@value": "2026-06-01T09:00:00Z"}},
    ],
}
DIDOMI = [
    {
        "created_at": "2026-03-01T09:00:00Z", "user": {"organization_user_id": "user-1", "id": "uuid-1"},
        "consents": {"purposes": [{"id": "ads", "enabled": True}, {"id": "maps", "enabled": None}]},
    },
    {
        "created_at": "2026-03-05T09:00:00Z", "user": {"organization_user_id": "user-1"},
        "events": [{"purpose": "ads", "value": False}, {"vendor": "v1", "value": True}],
    },
]  # fmt: skip


def written(tmp_path, name, content):
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def rows(consents, *columns):
    return consents.to_frame()[list(columns or ("subject", "purpose", "status"))].to_numpy().tolist()


def refused(*arguments, **options):
    with pytest.raises(DataError) as error:
        tk.read_consents(*arguments, **options)
    return error.value


def test_usercentrics_history_has_a_row_for_each_service_and_the_version_of_the_banner(tmp_path):
    consents = tk.read_consents(written(tmp_path, "history.csv", USERCENTRICS))
    assert consents.kind == "usercentrics"
    assert rows(consents, "subject", "purpose", "status", "version") == [
        ["c0ffee01", "ads", "given", "4.1"], ["c0ffee01", "ads", "refused", "4.2"],
        ["c0ffee01", "maps", "given", "4.1"],
    ]  # fmt: skip


def test_what_usercentrics_records_without_a_choice_is_not_consent_and_counts_as_implied(tmp_path):
    head = USERCENTRICS.partition("\n")[0]
    lines = (
        f"c1,{AT},s,1,onInitialPageLoad,ads,1,false,\nc2,{AT},s,1,onNonEURegion,ads,1,true,\n"
        f"c3,{AT},s,1,onNonEURegion,ads,1,true,\nc3,2026-03-02T09:00:00Z,s,1,onDenyAllServices,ads,1,false,\n"
        f"c4,{AT},s,1,onAcceptAllServices,ads,1,true,\n"
    )
    consents = tk.read_consents(written(tmp_path, "history.csv", f"{head}\n{lines}"))
    last = consents.at("2026-04-01")
    assert last["status"].tolist() == ["shown", "shown", "refused", "given"]
    assert any("Nobody chose" in note for note in consents.notes)
    counts = consents.counts().query("unit == 'devices' and purpose == 'ads'").iloc[0]
    assert counts[["opt_in", "opt_out", "implied", "explicit"]].tolist() == [2, 1, 1, 1]


def test_usercentrics_header_is_read_with_blanks_and_quotation_marks_as_documented(tmp_path):
    head, _, body = USERCENTRICS.partition("\n")
    quoted = ", ".join(f'"{name}"' for name in head.split(","))
    consents = tk.read_consents(written(tmp_path, "history.csv", f"{quoted}\n{body}"))
    assert len(consents.to_frame()) == 3


def test_usercentrics_report_gives_counts_of_device_days_explicit_and_implied(tmp_path):
    counts = tk.read_consents(written(tmp_path, "report.csv", REPORT)).aggregates
    totals = counts[["opt_in", "opt_out", "implied", "explicit"]].sum().tolist()
    assert totals == [1200, 300, 500, 700]
    assert set(counts["unit"]) == {"device-days"}
    assert counts["shown"].isna().all()


def test_cookiebot_statistics_give_counts_of_each_day_from_text(tmp_path):
    consents = tk.read_consents(written(tmp_path, "stats.json", COOKIEBOT))
    assert consents.kind == "cookiebot"
    counts = consents.aggregates
    assert counts["start"].tolist() == ["2026-03-01", "2026-03-02"]
    assert counts[["opt_in", "opt_out", "implied", "explicit", "marketing"]].to_numpy().tolist() == [
        [60, 40, 15, 45, 30], [10, 10, 0, 10, 5],
    ]  # fmt: skip
    assert len(consents.to_frame()) == 0


def test_cookiebot_statistics_of_one_day_are_an_object_in_place_of_a_list(tmp_path):
    day = COOKIEBOT["consentstat"]["consentday"][0]
    one = {**COOKIEBOT, "consentstat": {"consentday": day}}
    assert len(tk.read_consents(written(tmp_path, "stats.json", one)).aggregates) == 1


def test_cookiebot_parts_that_do_not_add_up_are_said(tmp_path):
    day = {**COOKIEBOT["consentstat"]["consentday"][0], "OptInStrict": "44"}
    consents = tk.read_consents(written(tmp_path, "stats.json", {"consentstat": {"consentday": day}}))
    assert "do not add up" in consents.notes[0]


def test_cookiescript_categories_that_a_record_does_not_name_were_refused(tmp_path):
    file = written(tmp_path, "log.csv", COOKIESCRIPT)
    assert "no zone" in str(refused(file))
    consents = tk.read_consents(file, zone="Europe/Vilnius")
    assert rows(consents) == [
        ["k1", "performance", "given"], ["k1", "targeting", "given"],
        ["k2", "performance", "refused"], ["k2", "targeting", "refused"],
        ["k3", "performance", "given"], ["k3", "targeting", "refused"],
    ]  # fmt: skip
    assert "203.0.113" not in consents.to_frame().to_csv()
    assert any("visitor's clock" in note for note in consents.notes)


def test_a_zip_of_zipped_daily_files_is_read_as_one(tmp_path):
    head, *lines = COOKIESCRIPT.splitlines()
    outer = tmp_path / "log.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        for day, line in enumerate(lines, start=1):
            inner = tmp_path / f"{day}.zip"
            with zipfile.ZipFile(inner, "w") as packed:
                packed.writestr(f"2026-03-0{day}.csv", f"{head}\n{line}\n")
            archive.write(inner, inner.name)
    plain = tk.read_consents(written(tmp_path, "log.csv", COOKIESCRIPT), zone="UTC")
    assert rows(tk.read_consents(outer, zone="UTC"))[:2] == rows(plain)[:2]
    assert "log.zip, 1.zip, 2026-03-01.csv, row 2, Time" in str(refused(outer))


def test_commanders_act_views_opt_ins_by_category_and_opt_outs(tmp_path):
    consents = tk.read_consents(written(tmp_path, "hits.csv", COMMANDERS))
    assert consents.kind == "commanders_act"
    last = consents.at("2026-03-02")
    assert last[["subject", "purpose", "status"]].to_numpy().tolist() == [
        ["visitor1", "ads", "given"], ["visitor1", "analytics", "given"],
        ["visitor2", "ads", "refused"], ["visitor2", "analytics", "refused"],
        ["visitor3", "ads", "shown"], ["visitor3", "analytics", "shown"],
        ["visitor4", "ads", "refused"], ["visitor4", "analytics", "given"],
        ["visitor5", "ads", "refused"], ["visitor5", "analytics", "refused"],
    ]  # fmt: skip


def test_an_acceptance_in_a_file_without_categories_is_one_of_all_categories(tmp_path):
    text = (
        COMMANDERS.replace('"analytics,ads"', "")
        .replace("1.0,analytics", "1.0,")
        .replace("2.0,analytics", "2.0,")
    )
    last = tk.read_consents(written(tmp_path, "hits.csv", text)).at("2026-03-02")
    assert last[["subject", "purpose", "status"]].to_numpy().tolist()[:2] == [
        ["visitor1", "all categories", "given"], ["visitor2", "all categories", "refused"],
    ]  # fmt: skip


def test_one_object_a_line_is_read_and_a_damaged_line_is_named(tmp_path):
    lines = "\n".join(json.dumps(line) for line in DIDOMI)
    assert len(tk.read_consents(written(tmp_path, "a.json", lines)).to_frame()) == 2
    error = refused(written(tmp_path, "a.json", lines.replace('"vendor":', '"vendor"')))
    assert error.where == "a.json, line 2"


def test_archives_inside_archives_are_read_one_level_deep(tmp_path):
    place = written(tmp_path, "history.csv", USERCENTRICS)
    for name in ("inner.zip", "middle.zip", "outer.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(place, place.name)
        place = tmp_path / name
    assert len(tk.read_consents(tmp_path / "middle.zip").to_frame()) == 3
    assert "archives inside archives" in str(refused(tmp_path / "outer.zip"))


def test_a_device_whose_requests_are_all_turned_off_has_a_state_and_no_record(tmp_path):
    consents = tk.read_consents(written(tmp_path, "att.csv", f"id,at,att\nA,{AT},E\nB,{AT},A\n"))
    assert consents.devices["state"].tolist() == ["E", "A"]
    assert rows(consents) == [["B", "tracking", "given"]]


def test_onetrust_receipts_have_a_status_by_transaction_and_the_date_of_the_withdrawal(tmp_path):
    consents = tk.read_consents(written(tmp_path, "receipts.json", ONETRUST))
    assert consents.kind == "onetrust"
    assert rows(consents) == [
        ["M-0001", "newsletter", "given"], ["M-0001", "newsletter", "withdrawn"],
        ["M-0001", "profiling", "refused"],
    ]  # fmt: skip
    assert consents.to_frame()["at"].dt.day.tolist() == [1, 2, 1]
    assert consents.notes == ("1 left out: transactions that change no consent.",)
    paged = tk.read_consents(written(tmp_path, "paged.json", {"content": ONETRUST}))
    assert rows(paged) == rows(consents)


def test_onetrust_addresses_become_pseudonyms_while_they_are_read(tmp_path):
    receipts = [{**ONETRUST[0], "identifier": "ann@example.org"}]
    file = written(tmp_path, "receipts.json", receipts)
    assert "address or a telephone number" in str(refused(file))
    key = tk.make_key(tmp_path / "panel.key")
    assert "ann" not in tk.read_consents(file, key=key).to_frame().to_csv()


def test_kantara_receipts_give_consent_to_each_purpose_of_each_service(tmp_path):
    consents = tk.read_consents(written(tmp_path, "receipt.json", KANTARA))
    assert consents.kind == "kantara"
    assert rows(consents) == [
        ["principal-1", "Contracted service", "given"], ["principal-1", "Research", "given"]
    ]  # fmt: skip
    assert consents.to_frame()["at"][0].isoformat() == "2026-03-01T09:00:00+00:00"


def test_dpv_records_have_an_event_for_each_status_and_the_end_of_the_consent(tmp_path):
    consents = tk.read_consents(written(tmp_path, "record.jsonld", DPV))
    assert consents.kind == "dpv"
    assert rows(consents) == [
        ["subject-1", "dpv:Marketing", "given"], ["subject-1", "dpv:Marketing", "withdrawn"],
        ["subject-1", "ex:research", "given"], ["subject-1", "ex:research", "withdrawn"],
    ]  # fmt: skip
    assert consents.at("2026-04-02")["status"].tolist() == ["expired", "expired"]
    receipt = {"@type": "dpv:ConsentReceipt", "dpv:hasRecordOfActivity": DPV}
    assert rows(tk.read_consents(written(tmp_path, "receipt.json", receipt))) == rows(consents)


def test_didomi_batches_are_read_from_their_folders_events_first(tmp_path):
    folder = tmp_path / "data" / "export-id=e1" / "date=2026-03-06"
    for content, lines in (("events", DIDOMI), ("users", DIDOMI[:1])):
        (folder / content).mkdir(parents=True)
        text = "\n".join(json.dumps(line) for line in lines)
        (folder / content / "part-0.json.gz").write_bytes(gzip.compress(text.encode()))
    consents = tk.read_consents(tmp_path / "data")
    assert consents.kind == "didomi"
    assert rows(consents) == [["user-1", "ads", "given"], ["user-1", "ads", "refused"]]
    assert consents.notes == ("1 left out: purposes for which no choice was made.",)
    one_file = tk.read_consents(folder / "events" / "part-0.json.gz")
    assert rows(one_file) == rows(consents)


def test_a_column_of_tcf_strings_has_consent_and_legitimate_interest_apart(tmp_path):
    text = next(
        one for one in json.loads(REFERENCE.read_text(encoding="utf-8")) if one["decoded"]["purposes_consent"]
    )
    file = written(tmp_path, "strings.csv", f"visitor_id,tc_string\nv1,{text['string']}\nv2,\n")
    consents = tk.read_consents(file)
    assert consents.kind == "tcf"
    frame = consents.to_frame()
    given = frame[frame["status"] == "given"]["purpose"]
    own = [f"TCF purpose {number}" for number in tk.decode_tcf(text["string"]).purposes_consent]
    assert set(own) == {purpose for purpose in given if "feature" not in purpose}
    interest = frame[frame["basis"] == "legitimate interests"]
    assert set(interest["status"]) == {"shown"}
    assert interest["purpose"].str.contains("legitimate interest").all()
    assert set(frame["subject"]) == {"v1"}
    assert any("legitimate interest is not consent" in note for note in consents.notes)


def test_strings_that_must_list_disclosed_vendors_and_do_not_are_counted(tmp_path):
    late = [
        one["string"] for one in json.loads(REFERENCE.read_text(encoding="utf-8"))
        if one["decoded"]["last_updated"] >= "2026-03-01" and one["decoded"]["disclosed"] is None
    ]  # fmt: skip
    assert late
    lines = "\n".join(f"v{number},{text}" for number, text in enumerate(late))
    consents = tk.read_consents(written(tmp_path, "strings.csv", f"id,tcf\n{lines}\n"))
    assert any(f"{len(late)} TCF strings" in note for note in consents.notes)


def test_damaged_strings_are_all_refused_with_row_and_bit(tmp_path):
    file = written(
        tmp_path, "strings.csv", "id,tcf\nv1,garbage\nv2,CPBFOSAPEu6z\nv3,BOEFEAyOEFEAyAHABDENAI4AAAB9\n"
    )
    table = refused(file).to_frame()
    assert table["where"].tolist() == [f"strings.csv, row {row}, tcf" for row in (2, 3, 4)]
    assert table["what"].str.contains(r"bit \d+").all()


GPP = {
    "A": "DBABLA~CoomVFgJaBJE.YA",  # the reference: not sold, shared: opted out, advertising: not
    "B": "DBABLA~BAAAAAAAAQA.QA",  # nothing applies, and no signal
    "C": "DBABDA~CPXxRfA",
}


def test_gpp_strings_give_opt_outs_of_sale_and_of_advertising_and_never_consent(tmp_path):
    rows = "".join(f"{who},{AT},{text}\n" for who, text in GPP.items())
    consents = tk.read_consents(written(tmp_path, "a.csv", f"id,at,gpp\n{rows}"))
    assert consents.kind == "gpp"
    assert consents.records[["subject", "purpose", "status", "basis"]].to_numpy().tolist() == [
        ["A", "sale or sharing of personal data", "refused", "opt-out"],
        ["A", "targeted advertising", "shown", "opt-out"],
    ]
    notes = " ".join(consents.notes)
    assert "laws that do not apply" in notes
    assert "sections of other laws" in notes


def test_a_gpp_string_with_a_tcf_and_a_us_privacy_string_is_read_as_both(tmp_path):
    both = f"DBACNYA~{TCF}~1YYN"
    inside = tk.read_consents(written(tmp_path, "a.csv", f"id,at,gpp\nA,{AT},{both}\n")).records
    apart = tk.read_consents(written(tmp_path, "b.csv", f"id,at,tcf,us_privacy\nA,{AT},{TCF},1YYN\n")).records
    pd.testing.assert_frame_equal(inside.drop(columns="source"), apart.drop(columns="source"))


def test_us_privacy_and_gpc_refuse_a_sale_and_never_consent_to_it(tmp_path):
    file = written(
        tmp_path, "signals.csv",
        "id,at,us_privacy,Sec-GPC\n"
        "a,2026-03-01T09:00:00Z,1YYN,\nb,2026-03-01T09:00:00Z,1YNN,\nc,2026-03-01T09:00:00Z,1---,\n"
        "d,2026-03-01T09:00:00Z,1YNN,1\ne,2026-03-01T09:00:00Z,,0\n",
    )  # fmt: skip
    consents = tk.read_consents(file)
    last = consents.at("2026-03-02")
    assert dict(zip(last["subject"], last["status"], strict=True)) == {
        "a": "refused", "b": "shown", "d": "refused"
    }  # fmt: skip
    assert "given" not in set(consents.to_frame()["status"])


def test_tracking_states_in_words_and_numbers_become_records_and_devices(tmp_path):
    file = written(
        tmp_path, "devices.csv",
        "device_id,at,app,att_status\n"
        "d1,2026-03-01T09:00:00Z,Shop,authorized\nd2,2026-03-01T09:00:00Z,Shop,2\n"
        "d3,2026-03-01T09:00:00Z,Shop,notDetermined\nd4,2026-03-01T09:00:00Z,Shop,1\n",
    )  # fmt: skip
    consents = tk.read_consents(file)
    assert rows(consents) == [
        ["d1", "tracking by Shop", "given"], ["d2", "tracking by Shop", "refused"],
        ["d4", "tracking by Shop", "refused"],
    ]  # fmt: skip
    assert consents.devices["state"].tolist() == ["A", "B", "C", "D"]


def test_a_column_of_subjects_with_another_name_is_named(tmp_path):
    file = written(tmp_path, "strings.csv", f"who,tcf\nv1,{TCF}\n")
    assert "no column of subjects" in str(refused(file))
    assert set(tk.read_consents(file, subject="who").to_frame()["subject"]) == {"v1"}
    assert "did you mean 'who'?" in str(refused(file, subject="whom"))


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ("Ann Brown,research,given,2026-01-05T10:00:00Z\nBen Stone,research,given,2026-01-06\n", {}),
        ("Ann Brown,1,yes\nBen Stone,0,yes\n", {}),
        ("ann@brown.example,yes\nben@stone.example,no\n", {"kind": "own"}),
        ("Ann Brown,0170 7770 8123,yes\nBen Stone,0171 7770 8123,no\n", {"kind": "gpc"}),
        (f"Ann Brown,brown,tcf,7\nBen Stone,stone,{TCF},7\n", {"subject": "Ann"}),
        (f"Ann Brown,7,tcf\nBen Stone,8,{TCF}\n", {}),
        ("Ann Brown,id,gpc,7\nBen Stone,b,1,7\n", {}),
        ("Ann Brown,ann brown,7\nBen Stone,b,8\n", {}),
    ],
)  # fmt: skip
def test_the_first_row_of_a_file_without_a_header_is_never_quoted(tmp_path, rows, options):
    words = str(refused(written(tmp_path, "a.csv", rows), **options))
    assert "names not shown: the first row may hold answers of a person" in words
    assert not any(name in words.casefold() for name in ("brown", "0170", "2026"))


def test_names_of_unknown_columns_are_quoted(tmp_path):
    assert "got: who, what, when" in str(refused(written(tmp_path, "a.csv", "who,what,when\nP1,a,b\n")))


NOT_READ = {
    "an empty file": ("a.csv", "", "empty"),
    "a header alone": ("a.csv", "subject,purpose,status,at\n", "no rows"),
    "an unknown table": ("a.csv", "a,b\n1,2\n", "kind of consent file is unknown"),
    "a broken row": ("a.csv", "subject,purpose,status,at\nA,r,given\n", "row"),
    "two columns of a name": ("a.csv", "subject,Subject,purpose,status,at\n1,2,3,4,5\n", "share a name"),
    "cut JSON": ("a.json", '{"consentstat": {', "not JSON"),
    "NaN in JSON": ("a.json", '{"consentstat": {"consentday": [{"OptIn": NaN}]}}', "not JSON"),
    "deep JSON": ("a.json", "[" * 100_000, "not JSON"),
    "other JSON": ("a.json", '{"a": 1}', "kind of consent file is unknown"),
    "no days": ("a.json", '{"consentstat": {"consentday": []}}', "no consent record"),
    "a count in words": ("a.json", {"consentstat": {"consentday": {"OptIn": "many"}}}, "not a count"),
    "an unknown transaction": (
        "a.json",
        [{"identifier": "A", "interactionDate": AT, "purposes": [{"Id": "x", "TransactionType": "X"}]}],
        "transaction is unknown",
    ),
    "an unknown status": (
        "a.json", {**DPV, "dpv:hasConsentStatus": [{"@type": "dpv:ConsentUnknown"}]}, "status is unknown"
    ),
    "an unknown length": (
        "a.json",
        {
            **DPV,
            "dpv:hasConsentStatus": [
                {"@type": "dpv:ConsentGiven", "dpv:isIndicatedAtTime": AT, "dpv:hasDuration": "1y"}
            ],
        },
        "not a length of time",
    ),
    "a receipt without a purpose": ("a.json", {**KANTARA, "services": [{}]}, "names no purpose"),
    "a choice that is no truth": (
        "a.json",
        {"created_at": AT, "user": {"id": "A"}, "consents": {"purposes": [{"id": "x", "enabled": "yes"}]}},
        "neither true nor false",
    ),
    "a text that is no US privacy string": (
        "a.csv", "id,at,usprivacy\nA,2026-03-01T09:00:00Z,2YYY\n", "not a US privacy string"
    ),
    "a signal of another kind": ("a.csv", "id,at,gpc\nA,2026-03-01T09:00:00Z,maybe\n", "not a GPC signal"),
    "an unknown state": ("a.csv", "id,at,att\nA,2026-03-01T09:00:00Z,7\n", "not a tracking status"),
    "a cut GPP string": ("a.csv", f"id,at,gpp\nA,{AT},DBABLA~CAAA\n", "SensitiveDataProcessing, bit 24"),
    "a US privacy string inside that is none": (
        "a.csv", f"id,at,gpp\nA,{AT},DBABTA~2YNN\n", "not a US privacy string"
    ),
    "signals without times": ("a.csv", "id,gpc\nA,1\n", "no column of times"),
    "a rejection that accepts": ("a.csv", COOKIESCRIPT.replace("k3,Accept", "k3,Reject"), "lists accepted"),
    "a click of another kind": ("a.csv", COOKIESCRIPT.replace("k2,Reject", "k2,Close"), "action is unknown"),
    "a record without a status": ("a.json", {**DPV, "dpv:hasConsentStatus": []}, "has no status"),
    "a day without a date": (
        "a.json", {"consentstat": {"consentday": {"OptIn": "1"}}}, "the date is missing"
    ),
    "an unknown action": ("a.csv", COMMANDERS.replace(",V,banner,1", ",7,banner,1"), "action is unknown"),
    "neither true nor false": ("a.csv", USERCENTRICS.replace(",true,", ",maybe,"), "neither true nor false"),
    "an unknown type of action": ("a.csv", REPORT.replace("implicit", "tacit"), "type is unknown"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_READ)
def test_a_bad_file_is_refused_by_name(tmp_path, case):
    name, content, words = NOT_READ[case]
    error = refused(written(tmp_path, name, content), zone="UTC")
    assert words in str(error)
    assert name in str(error)
    assert str(tmp_path / "x")[:-1] not in "".join(fault.where for fault in error.faults)


def test_damaged_archives_and_packed_files_are_refused(tmp_path):
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(DIDOMI[0]).encode())[:-9])
    assert "damaged" in str(refused(packed))
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"PK\x03\x04 not an archive")
    assert "damaged" in str(refused(archive))
    with zipfile.ZipFile(archive, "w"):
        pass
    assert "empty" in str(refused(archive))
    with zipfile.ZipFile(archive, "w") as mixed:
        mixed.writestr("a.csv", USERCENTRICS)
        mixed.writestr("b.csv", REPORT)
    assert "several kinds of files" in str(refused(archive))


def test_a_packed_file_that_grows_beyond_measure_is_refused(tmp_path):
    bomb = tmp_path / "bomb.json.gz"
    with gzip.open(bomb, "wb") as file:
        for _ in range(40):
            file.write(b" " * (1 << 20))
    assert "grows beyond measure" in str(refused(bomb))


def test_missing_files_folders_and_wrong_kinds_are_refused(tmp_path):
    assert "nowhere.csv" in str(refused(tmp_path / "nowhere.csv"))
    assert "no Didomi export" in str(refused(tmp_path))
    assert "is a folder" in str(refused(tmp_path, kind="own"))
    table = written(tmp_path, "a.csv", USERCENTRICS)
    assert "lacks columns of own" in str(refused(table, kind="own"))
    assert "no column holds gpc" in str(refused(table, kind="gpc"))
    assert "is no kantara file" in str(refused(table, kind="kantara"))
    assert "is no own file" in str(refused(written(tmp_path, "a.json", KANTARA), kind="own"))
    with pytest.raises(DataError, match="did you mean 'cookiebot'"):
        tk.read_consents(table, kind="cookiebott")


def test_every_kind_has_a_name_in_the_docstring():
    assert [kind for kind in KINDS if f"``{kind}``" not in tk.read_consents.__doc__] == []


def test_nothing_in_a_file_is_run_or_shown_as_markup(tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    file = written(tmp_path, "a.csv", f"subject,purpose,status,at\nA,{hostile},given,2026-03-01T09:00:00Z\n")
    assert hostile not in tk.read_consents(file)._repr_html_()


def rates_of(consents):
    table = tk.consent_banner_rates(consents).to_frame()
    return {
        (unit, purpose, definition): rate
        for unit, purpose, definition, rate in table[["unit", "purpose", "definition", "estimate"]].to_numpy()
    }


def test_cookiebot_counts_give_every_rate_that_it_counts(tmp_path):
    rates = rates_of(tk.read_consents(written(tmp_path, "stats.json", COOKIEBOT)))
    of = {definition: rate for (_, _, definition), rate in rates.items()}
    assert of == pytest.approx(
        {"Of choices": 55 / 105, "With implied": 70 / 120, "Strict": 55 / 120, "Marketing only": 35 / 120}
    )


def test_usercentrics_report_gives_rates_of_device_days_by_service(tmp_path):
    rates = rates_of(tk.read_consents(written(tmp_path, "report.csv", REPORT)))
    assert rates["device-days", "Maps", "Of choices"] == pytest.approx(0.7)
    assert rates["device-days", "Maps", "With implied"] == pytest.approx(0.8)


def test_views_of_the_banner_are_the_denominator_of_banners_shown(tmp_path):
    rates = rates_of(tk.read_consents(written(tmp_path, "hits.csv", COMMANDERS)))
    assert rates["devices", "any purpose", "Of choices"] == pytest.approx(2 / 4)
    assert rates["devices", "any purpose", "Of banners shown"] == pytest.approx(2 / 5)
    assert rates["devices", "ads", "Of choices"] == pytest.approx(1 / 4)


def test_a_device_that_returns_counts_once_among_devices_and_twice_among_device_days(tmp_path):
    body = "".join(f"d1,marketing,given,2026-03-0{day}T09:00:00Z\n" for day in range(1, 9))
    text = f"subject,purpose,status,at\n{body}d2,marketing,refused,2026-03-01T09:00:00Z\n"
    rates = rates_of(tk.read_consents(written(tmp_path, "own.csv", text)))
    assert rates["devices", "marketing", "Of choices"] == pytest.approx(1 / 2)
    assert rates["device-days", "marketing", "Of choices"] == pytest.approx(8 / 9)
    assert rates["devices", "any purpose", "Marketing only"] == pytest.approx(1 / 2)


def test_tracking_states_give_every_opt_in_rate(tmp_path):
    states = ["authorized"] * 3 + ["denied"] * 5 + ["notDetermined"] * 2
    lines = "".join(f"d{at},{AT},Shop,{state}\n" for at, state in enumerate(states))
    late = "d0,2026-04-01T09:00:00Z,Shop,denied\n"
    consents = tk.read_consents(written(tmp_path, "att.csv", f"id,at,app,att_status\n{late}{lines}"))
    table = tk.opt_in_rates(consents).to_frame().set_index("definition")["estimate"]
    assert table["AppsFlyer, prompts shown"] == pytest.approx(2 / 8)
    assert table["Branch, all"] == pytest.approx(2 / 10)
    assert table["Flurry, prompting apps"] == pytest.approx(2 / 8)


def test_rates_of_files_without_what_they_need_are_refused(tmp_path):
    own = tk.read_consents(written(tmp_path, "own.csv", USERCENTRICS))
    with pytest.raises(DataError, match="no tracking states"):
        tk.opt_in_rates(own)
    gpc = tk.read_consents(written(tmp_path, "gpc.csv", f"id,at,gpc\nA,{AT},1\n"))
    with pytest.raises(DataError, match="no consent rate"):
        tk.consent_banner_rates(gpc)
    att = tk.read_consents(written(tmp_path, "att.csv", f"id,at,app,prompts,att\nA,{AT},Shop,often,3\n"))
    with pytest.raises(DataError, match="neither yes nor no"):
        tk.opt_in_rates(att)
    with pytest.raises(DataError, match="leave state"):
        tk.opt_in_rates(att, state="status")


SOUND = {
    "u.csv": USERCENTRICS, "r.csv": REPORT, "c.csv": COMMANDERS, "k.csv": COOKIESCRIPT,
    "b.json": json.dumps(COOKIEBOT), "o.json": json.dumps(ONETRUST), "a.json": json.dumps(KANTARA),
    "d.json": json.dumps(DPV), "i.json": json.dumps(DIDOMI),
    "s.csv": f"id,at,tcf,us_privacy,gpc,att\nA,{AT},{TCF},1YNN,1,3\n",
}  # fmt: skip
SCRAPS = (b"", b"\x00", b"\xff\xfe", b'"', b",", b"{", b"]", b"null", b"1e999", b"-1", b"\n", b"\xe2\x80\xae")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path_factory, name, data):
    raw = bytearray(SOUND[name].encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.sampled_from(SCRAPS))
    file = tmp_path_factory.mktemp("damaged") / name
    file.write_bytes(bytes(raw))
    try:
        frame = tk.read_consents(file, zone="UTC").to_frame()
    except tk.TrustkitError as error:
        message = str(error)
    else:
        message = "" if set(frame["status"]) <= set(STATUSES) else "unknown status"
    assert "unknown status" not in message
    assert str(file.parent) not in "".join(message.split("where: ")[:1])


def test_commanders_act_opt_outs_refuse_the_categories_that_they_list(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(
        "tcpid,date_hit,privacy_action,cookie\n"
        '1,2026-03-01T09:00:00Z,1,"ads,analytics"\n'
        '1,2026-03-02T09:00:00Z,0,"ads,analytics"\n'
    )
    assert tk.read_consents(file).at("2026-03-02")["status"].tolist() == ["refused", "refused"]


def test_a_onetrust_refusal_has_its_own_date_and_not_that_of_the_consent_before(tmp_path):
    file = tmp_path / "receipts.json"
    said = (("2026-02-01", "CONFIRMED", "2026-02-01"), ("2026-03-01", "NOTGIVEN", "2026-01-01"))
    receipts = [
        {
            "identifier": "p1",
            "interactionDate": f"{day}T09:00:00Z",
            "purposes": [{"Name": "ads", "TransactionType": kind, "consentDate": f"{first}T09:00:00Z"}],
        }
        for day, kind, first in said
    ]
    file.write_text(json.dumps(receipts))
    consents = tk.read_consents(file)
    assert consents.at("2026-02-15")["status"].tolist() == ["given"]
    assert consents.at("2026-03-15")["status"].tolist() == ["refused"]


def test_the_choices_of_a_didomi_user_are_read_once(tmp_path):
    file = tmp_path / "users.json"
    purposes = [{"id": "ads", "enabled": True}, {"id": "maps", "enabled": None}]
    file.write_text(
        json.dumps([{"organization_user_id": "u", "updated_at": AT, "consents": {"purposes": purposes}}])
    )
    assert tk.read_consents(file).notes == ("1 left out: purposes for which no choice was made.",)


@pytest.fixture
def batches(tmp_path):
    """A Didomi export of two days whose files are listed in SHA256SUMS."""
    files = []
    for day, line in (("2026-03-06", DIDOMI[0]), ("2026-03-07", DIDOMI[1])):
        file = tmp_path / "data" / "export-id=e1" / f"date={day}" / "events" / "part-0.json.gz"
        file.parent.mkdir(parents=True)
        file.write_bytes(gzip.compress(json.dumps(line).encode(), mtime=0))
        files.append(file)
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(tmp_path / 'data').as_posix()}\n"
        for file in files
    ]
    (tmp_path / "data" / "SHA256SUMS").write_text("".join(lines))
    return tmp_path / "data", files


def test_a_folder_of_didomi_is_read_if_its_files_agree_with_their_digests(batches):
    folder, _ = batches
    assert len(tk.read_consents(folder).to_frame()) > 0


@pytest.mark.parametrize("how", ["changed", "missing", "more", "swapped"])
def test_a_folder_of_didomi_that_is_not_the_one_of_its_digests_is_refused(batches, how):
    folder, (first, second) = batches
    if how == "changed":
        first.write_bytes(gzip.compress(json.dumps(DIDOMI[1]).encode()))
    elif how == "missing":
        second.unlink()
    elif how == "more":
        first.with_name("part-1.json.gz").write_bytes(first.read_bytes())
    else:
        one, other = first.read_bytes(), second.read_bytes()
        first.write_bytes(other)
        second.write_bytes(one)
    with pytest.raises(DataError, match="not those that its digests were taken of") as told:
        tk.read_consents(folder)
    assert told.value.where.endswith(".json.gz")
