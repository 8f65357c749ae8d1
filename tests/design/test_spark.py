"""A Spark cluster gives the numbers of the pandas source: a standalone master and two workers on loopback.

Run with ``pytest -m spark``; needs PySpark and Java 17 or newer (``pip install 'trustkit-survey[spark]'``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from lazy_cases import CALLS, DESIGNS, TESTS, assert_same_numbers, make_rows

import trustkit as tk

pytestmark = [
    pytest.mark.spark,
    # PySpark leaves sockets to the garbage collector, and says that it is behind pandas
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]

HOST = "127.0.0.1"
JAVA = 17
WORKERS = 2
PATIENCE = 300
"""Seconds until master and workers must have met; on a busy machine the master alone takes a minute."""


def java_version() -> int:
    """Return the major version of Java on this machine, 0 without one."""
    java = shutil.which("java")
    if java is None:
        return 0
    told = subprocess.run([java, "-version"], check=True, capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def workers_alive(page: int) -> int:
    """Ask the master how many workers it has; 0 while it doesn't answer."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{page}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
    except OSError:
        return 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Start a master and its workers, each a process of its own; return the master's address."""
    pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
    if java_version() < JAVA:
        pytest.skip(f"Java {JAVA} or newer is not installed")
    home = Path(pyspark.__file__).parent
    folder = tmp_path_factory.mktemp("spark")
    port, page = free_port(), free_port()
    address = f"spark://{HOST}:{port}"
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST, "SPARK_WORKER_DIR": str(folder),
        "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    master = ["master.Master", "--host", HOST, "--port", str(port), "--webui-port", str(page)]
    worker = ["worker.Worker", "--host", HOST, "--webui-port", "0", "--cores", "1", "--memory", "1g", address]
    processes: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:
        for number, (name, *options) in enumerate([master, *[worker] * WORKERS]):
            log = stack.enter_context((folder / f"{number}.log").open("w"))
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *options]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            stack.enter_context(process)
            stack.callback(process.terminate)
            processes.append(process)
        until = time.monotonic() + PATIENCE
        while workers_alive(page) < WORKERS:
            if any(process.poll() is not None for process in processes):
                pytest.fail(f"a process of the cluster ended; see {folder}")
            if time.monotonic() > until:
                pytest.fail(f"no {WORKERS} workers within {PATIENCE} s; see {folder}")
            time.sleep(0.5)
        yield address


@pytest.fixture(scope="module")
def session(cluster):
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", HOST)
        made = (
            SparkSession.builder.master(cluster)
            .config("spark.driver.host", HOST)
            .config("spark.driver.bindAddress", HOST)
            .config("spark.ui.enabled", "false")
            .config("spark.executor.memory", "512m")
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate()
        )
        yield made
        made.stop()


@pytest.fixture(scope="module")
def frame():
    return make_rows()


@pytest.fixture(scope="module")
def rows(session, frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "answers.parquet"
    frame.to_parquet(path)
    return session.read.parquet(str(path))


def test_both_workers_take_part(session, rows):
    tk.proportion(tk.Design(rows, weights="w"), "answer")
    known = session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    assert len(known) == WORKERS + 1  # and the driver


@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.parametrize("call", CALLS)
def test_a_spark_frame_gives_the_pandas_numbers(frame, rows, kind, call):
    here = CALLS[call](tk.Design(frame, weights="w", **DESIGNS[kind]))
    there = CALLS[call](tk.Design(rows, weights="w", **DESIGNS[kind]))
    assert_same_numbers(here, there)


@pytest.mark.parametrize("test", TESTS)
def test_tests_work_on_a_spark_frame(frame, rows, test):
    here = TESTS[test](tk.Design(frame, weights="w", strata="stratum", psu="psu"))
    there = TESTS[test](tk.Design(rows, weights="w", strata="stratum", psu="psu"))
    assert there.p_value == pytest.approx(here.p_value, rel=1e-9)


def test_where_takes_a_narwhals_expression_on_spark(frame, rows):
    import narwhals as nw

    here = tk.mean(tk.Design(frame, weights="w"), "income", where={"size": [4, 5, 6]})
    there = tk.mean(tk.Design(rows, weights="w"), "income", where=nw.col("size") > 3)
    assert there.estimate == pytest.approx(here.estimate, rel=1e-12)
    assert there.se == pytest.approx(here.se, rel=1e-12)
