flow "command" "one" {
  argv = ["true"]
}

flow "command" "many" {
  for_each = toset(["x", "y"])
  argv     = ["true", each.key]
}

flow "command" "use" {
  argv = ["true", each.key] # ERROR: No for_each
  env = {
    A = flow.one["x"].run_id # ERROR: No instances
    B = flow.many.run_id # ERROR: Which instance?
    C = flow.many["x"].run_id
  }
}
