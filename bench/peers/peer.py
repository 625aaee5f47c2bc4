"""Runs snippets that a bench sends as JSON lines, times them, answers JSON lines."""
import importlib
import json
import os
import sys
import time

names = {}
versions = {}
problem = None
for module in sys.argv[1:]:
    try:
        loaded = importlib.import_module(module)
        names[module.split(".")[0]] = importlib.import_module(module.split(".")[0])
        versions[module] = getattr(loaded, "__version__", "")
    except ImportError as error:
        problem = str(error)
if "cv2" in names:
    names["cv2"].setNumThreads(int(os.environ["EC_THREADS"]))
if "numpy" in names:
    names["np"] = names["numpy"]

snippets = {}
for line in sys.stdin:
    message = json.loads(line)
    try:
        if "prelude" in message:
            if not problem:
                exec(message["prelude"], names)
            answer = {"error": problem} if problem else versions
        elif "times" in message:
            code, scope = snippets[message["id"]]
            began = time.perf_counter()
            for _ in range(message["times"]):
                exec(code, scope)
            answer = {"seconds": time.perf_counter() - began}
        elif "close" in message:
            del snippets[message["id"]]
            answer = {}
        else:
            scope = dict(names)
            exec(message["setup"], scope)
            snippets[message["id"]] = (compile(message["run"], "<bench>", "exec"), scope)
            answer = {}
    except Exception as error:  # the bench prints it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
