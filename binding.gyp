{
  "targets": [
    {
      "target_name": "maestro-runner",
      "type": "executable",
      "sources": ["native/runner.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra"],
      "ldflags!": ["-rdynamic"]
    }
  ]
}
