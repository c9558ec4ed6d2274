variable "long" { default = "1m" }

flow "command" "a" {
  argv = ["true"]
  stop {
    interrupt = var.long # ERROR: Unsuitable value
    terminate = "soon"   # ERROR: Unsuitable value
    kill      = "1s"     # ERROR: Unknown argument
  }
}

flow "command" "b" {
  argv = ["true"]
  stop {
    interrupt = "500ms"
    terminate = "0s" # ERROR: Unsuitable value
  }
  stop {} # ERROR: Duplicate block
}
