flow "command" "null" {
  for_each = toset(["a", null]) # ERROR: Unsuitable for_each
  argv     = ["true"]
}

flow "command" "numbers" {
  for_each = toset([1, 2]) # ERROR: Unsuitable for_each
  argv     = ["true"]
}

flow "command" "empty" {
  for_each = toset([])
  argv     = ["true"]
}
