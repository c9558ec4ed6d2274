flow "command" "a" {
  argv       = ["true"]
  depends_on = [flow.b]
}

flow "command" "b" {
  argv  = ["true"]
  after = [flow.a] # ERROR: Dependency cycle
}
