"""Reading XML that somebody else wrote."""

import pytest

from decision_gate.mcp.evidence.report.errors import ReportInvalidError
from decision_gate.mcp.evidence.report.xml_stream import MAX_DEPTH, read_xml, xml_root

JACOCO = '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'


class Recorded:
    """Keeps what it is told."""

    def __init__(self):
        self.events = []

    def start(self, tag, attributes, line):
        self.events.append((tag, attributes, line))

    def end(self, tag):
        self.events.append(tag)


def events(document):
    recorded = Recorded()
    read_xml(document if isinstance(document, bytes) else document.encode(), recorded)
    return recorded.events


def refusal(document):
    with pytest.raises(ReportInvalidError) as caught:
        events(document)
    return (caught.value.code, str(caught.value), caught.value.details)


def test_elements_come_with_their_lines():
    assert events('<a x="1">\n text <b/>\n</a>') == [("a", {"x": "1"}, 1), ("b", {}, 2), "b", "a"]


@pytest.mark.parametrize(
    "document",
    [
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{JACOCO}<a/>',
        "<?xml version='1.0'?>\n<!-- - c --><?p i?>\n<!DOCTYPE coverage SYSTEM 'http://x.test/coverage-04.dtd' ><a/>",
        "<!DOCTYPE a><a/>",
        "\ufeff<!DOCTYPE\na\n><a/>",
    ],
)
def test_a_doctype_without_internal_subset_is_passed_over(document):
    assert events(document)[0][:2] == ("a", {})


def test_lines_are_counted_through_a_doctype():
    assert events("<!DOCTYPE a\n  SYSTEM\n 'x'>\n<a/>")[0] == ("a", {}, 4)


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a []><a/>",
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        '<!DOCTYPE a SYSTEM "x" [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>',
        "<!DOCTYPE a><!DOCTYPE a><a/>",
    ],
)
def test_an_internal_subset_is_refused(document):
    assert refusal(document)[:2] == ("report_invalid", "a DOCTYPE with an internal subset")


@pytest.mark.parametrize("doctype", ["", JACOCO, "<!DOCTYPE a>"])
@pytest.mark.parametrize("body", ["<a>&e;</a>", '<a x="&e;"/>', "<a>&nbsp;</a>", '<a x="&nbsp;"/>'])
def test_an_entity_that_xml_does_not_define_is_refused_in_text_and_in_attributes(doctype, body):
    assert refusal(f"{doctype}{body}")[:2] == ("report_invalid", "not XML: undefined entity")


def test_the_entities_of_xml_are_read():
    assert events('<a x="&lt;&amp;&gt;&quot;&apos;&#233;&#x1F600;"/>')[0] == ("a", {"x": "<&>\"'é😀"}, 1)


def test_an_ampersand_in_a_comment_or_in_cdata_is_none_of_an_entity():
    assert events("<a><!-- &e; --><![CDATA[&e; <b>]]></a>") == [("a", {}, 1), "a"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_utf_16_and_a_byte_order_mark_are_read(encoding):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    declared = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
    document = f'{mark}<?xml version="1.0" encoding="{declared}"?><a x="é"/>'

    assert events(document.encode(encoding)) == [("a", {"x": "é"}, 1), "a"]


@pytest.mark.parametrize(
    "document",
    [
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        '<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        b'<a x="\xe9"/>',
        b"\xff\xfe<",
        b"\x00\x00\xfe\xff",
    ],
)
def test_other_encodings_are_refused(document):
    assert refusal(document)[0] == "report_invalid"


@pytest.mark.parametrize(
    "document", ["", " ", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a x='1' x='2'/>", "text", "<"]
)
def test_what_is_not_well_formed_is_refused(document):
    assert refusal(document)[0] == "report_invalid"


def test_the_line_of_a_mistake_is_told():
    assert refusal("<a>\n<b>\n</a>") == ("report_invalid", "not XML: mismatched tag", {"line": 3})


def test_nesting_ends_at_the_limit():
    assert len(events("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH)) == 2 * MAX_DEPTH
    assert refusal("<a>" * 1000)[1] == f"nested deeper than {MAX_DEPTH}"


def test_an_inclusion_is_an_element_like_others():
    document = '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></a>'

    assert events(document)[1][0] == "xi:include"


def test_the_root_is_told_without_reading_on():
    root = xml_root(b'<a x="1"><b>')

    assert (root.tag, root.attributes) == ("a", {"x": "1"})


@pytest.mark.parametrize("attack", ["<!--" + "-" * 200_000, "<!DOCTYPE " + "a" * 200_000, "<?p" + "?" * 200_000])
def test_a_prolog_without_end_is_refused_at_once(attack):
    assert refusal(attack)[0] == "report_invalid"
