locals { run = flow.many["w"].run_id } # ERROR: Unknown instance

hook "python" "info" {
  function = "a:b"
  args     = [flow.many["xx"].run_id] # ERROR: Unknown instance
}

flow "command" "many" {
  for_each = toset(["xyz", "y"])
  argv     = ["true", each.key]
}

flow "command" "none" {
  for_each = {}
  argv     = ["true", each.key]
}

flow "command" "use" {
  argv       = ["true", flow.many["xyy"].run_id, flow.many["y"].run_id] # ERROR: Unknown instance
  depends_on = [flow.none["a"]] # ERROR: Unknown instance
  after      = [flow.many["z"]] # ERROR: Unknown instance
}

output "run" {
  value = flow.many["long"].run_id # ERROR: Unknown instance
}
