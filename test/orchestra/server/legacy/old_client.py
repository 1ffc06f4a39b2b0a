"""The wire as Python clients speak it, with nothing but the standard library: run by old-client-python.test.ts.

Arguments: the address of the server, a user and its password. Says on its last line that all of it went well.
"""

import io
import json
import sys
import time
import urllib.parse
import urllib.request
import zipfile

URL, USER, PASSWORD = sys.argv[1:4]
BOUNDARY = "----old-client-boundary"


def post(path, fields):
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(URL + path, data=data) as answer:
        assert answer.status == 200, answer.status
        return answer.read()


def call(path, **fields):
    return json.loads(post(path, fields))


def upload(name, content, **fields):
    parts = []
    for field, value in fields.items():
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode())
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    request = urllib.request.Request(URL + "/upload-dataset", data=b"".join(parts), headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def expect(answer, message):
    assert answer == {"error_code": 200, "message": message}, answer


login = call("/authenticate", username=USER, password=PASSWORD)
assert login["error_code"] == 200, login
who = {"username": USER, "credentials": f"${USER}${login['token']}"}
data, configs, task = (f"user.{USER}.{name}" for name in ("data", "configs", "fit"))

expect(upload("events.bin", bytes(range(256)), datasetname=data, **who), "File events.bin successfully uploaded!")
for name in ("a.json", "b.json"):
    expect(upload(name, name.encode(), datasetname=configs, **who), f"File {name} successfully uploaded!")
assert upload("a.json", b"again", datasetname=configs, **who)["error_code"] == 409
assert call("/list-datasets-py", **who) == [configs, data]

expect(
    call(
        "/create-task",
        taskname=task,
        configFile=configs,
        dataFile=data,
        containerImage="busybox",
        secondaryDS=str({"%REF": data}),
        execCommand="cat %DATA %IN %REF > %OUT/result",
        et=None,
        eta=None,
        gpu=False,
        **who,
    ),
    "Success!",
)
for _ in range(600):
    board = call("/list-tasks", **who)["message"]
    if " done " in board:
        break
    assert not any(f" {state} " in board.splitlines()[-2] for state in ("broken", "finalized")), board
    time.sleep(0.1)
else:
    raise AssertionError(board)

with zipfile.ZipFile(io.BytesIO(post("/download-dataset", {"datasetname": task, **who}))) as outputs:
    results = sorted(name for name in outputs.namelist() if name.endswith("/result"))
    assert results == ["job_configId_0/result", "job_configId_1/result"], results
    assert outputs.read(results[1]) == bytes(range(256)) + b"b.json" + bytes(range(256))

expect(call("/delete-task", taskname=task, **who), "Success!")
expect(call("/delete-dataset", datasetname=data, **who), "Successfully deleted.")
print("all is well")
