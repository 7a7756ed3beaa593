"""The page 文件: whoever may read evidence waits for a file, sees how far it is and fetches it."""

from orchestrator import jobs


def _make(runtime, job, folder, report):
    report(1, 2)
    (folder / "bundle.zip").write_bytes(b"zip")
    return folder / "bundle.zip"


def test_counsel_waits_for_a_file_and_fetches_it(runtime, staff, world) -> None:
    job_id = jobs.request(runtime, "filing", {"case": 1}, "counsel", world.community_id)
    counsel = staff("counsel")
    waiting = counsel.get(f"/files/{job_id}")
    assert waiting.status_code == 200
    assert f'data-live="/files/{job_id}/live"' in waiting.text
    assert counsel.get(f"/files/{job_id}/download").status_code == 404

    jobs.work(runtime, {"filing": _make})
    assert f"/files/{job_id}/download" in counsel.get(f"/files/{job_id}/live").json()["parts"]["job"]
    fetched = counsel.get(f"/files/{job_id}/download")
    assert fetched.content == b"zip"
    assert "bundle.zip" in fetched.headers["content-disposition"]
    assert "no-store" in fetched.headers["cache-control"]
    assert f"/files/{job_id}/download" in counsel.get("/files").text


def test_a_collector_fetches_nothing(runtime, staff) -> None:
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel")
    collector = staff("collector")
    assert {collector.get(path).status_code for path in ("/files", f"/files/{job_id}", f"/files/{job_id}/download")} == {403}


def test_an_empty_page_says_what_to_do(staff) -> None:
    assert "还没有文件" in staff("counsel").get("/files").text
