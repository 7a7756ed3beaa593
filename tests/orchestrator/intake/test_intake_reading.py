"""What a file is, its bytes say: encodings, delimiters, pages and workbooks under any name."""

import pytest
from intake_files import arrears, csv, workbook

from orchestrator.intake.reading import open_sheets
from orchestrator.intake.rows import Unreadable

TEXT = "小区,房号,业主,账期,欠费\n云栖花园,1-1-101,张三,2026-01,100\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_out(tmp_path, encoding):
    assert arrears(csv(tmp_path / "a.csv", TEXT, encoding)).charges[0].community == "云栖花园"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(tmp_path, delimiter):
    assert arrears(csv(tmp_path / "a.xls", TEXT.replace(",", delimiter))).counts == (1, 1, "100.00")


def test_bytes_that_are_no_text_are_refused_with_the_cure(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xff\xff,\x80\n")
    with pytest.raises(Unreadable, match="save it as CSV UTF-8"):
        list(open_sheets(path))


def test_a_page_named_xls_is_read_with_its_spanning_cells(tmp_path):
    page = (
        '<html><head><meta charset="gb2312"></head><body><table><tr><td colspan="5">云栖花园物业费欠费</td></tr>'
        '<tr><th rowspan="2">房号</th><th rowspan="2">业主</th><th colspan="2">2026年</th></tr><tr><th>1月</th><th>2月</th></tr>'
        "<tr><td>1-1-101</td><td>张三</td><td>¥1,000.00</td><td>&nbsp;</td></tr></table></body></html>"
    )
    assert arrears(csv(tmp_path / "a.xls", page, "gb18030")).counts == (1, 1, "1000.00")


def test_excel_2003_xml_named_xls_is_read(tmp_path):
    def row(*cells):
        return "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells) + "</Row>"

    document = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="明细"><Table>'
        + row("小区", "房号", "业主", "账期", "欠费")
        + row("云栖", "1-1-101", "张三", "2026-01", "100")
        + "</Table></Worksheet></Workbook>"
    )
    assert arrears(csv(tmp_path / "a.xls", document)).counts == (1, 1, "100.00")


def test_line_numbers_are_those_the_person_sees(tmp_path):
    rows = [[], ["标题"], ["小区", "房号", "业主", "账期", "欠费"], ["云栖", "1-101", "张三", "2026-01", "?"]]
    assert [reject.line for reject in arrears(workbook(tmp_path / "a.xlsx", rows)).rejects] == [4]
    text = '小区,房号,业主,账期,欠费,备注\n云栖,1-101,张三,2026-01,1,"两\n行"\n云栖,1-102,李四,2026-01,?,\n'
    assert [reject.line for reject in arrears(csv(tmp_path / "a.csv", text)).rejects] == [4]


def test_an_empty_file_says_so(tmp_path):
    with pytest.raises(Unreadable, match="is empty"):
        list(open_sheets(csv(tmp_path / "a.csv", "")))


def test_a_broken_workbook_says_so(tmp_path):
    with pytest.raises(Unreadable, match="save it as"):
        list(open_sheets(csv(tmp_path / "a.xlsx", "PK\x03\x04nothing")))


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a"])
def test_a_workbook_is_known_by_its_content_not_its_name(tmp_path, name):
    written = workbook(tmp_path / "a.xlsx", [["小区", "房号", "业主", "账期", "欠费"], ["云栖", "1-101", "张三", "2026-01", 1]])
    assert arrears(written.rename(tmp_path / name)).counts == (1, 1, "1.00")
