variable "v" {
  default = 1
}

flow "command" "a" {
  for_each = { x = jsondecode("1e999999999") } # ERROR: Number out of range
  argv     = ["true"]
}
