locals { run = flow.a.run_id }

flow "command" "a" {
  argv = ["true"]
  env  = { RUN = flow.b.run_id }
}

flow "command" "b" {
  argv = ["true"]
  env  = { RUN = local.run } # ERROR: Dependency cycle
}
