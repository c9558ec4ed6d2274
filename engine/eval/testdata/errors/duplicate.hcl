flow "command" "a" {
  argv = ["true"]
  output "n" { file = "a.txt" }
  output "n" { file = "b.txt" } # ERROR: Duplicate block
}

flow "metaflow" "a" { # ERROR: Duplicate name
  file = "a.py"
}

variable "x" { default = 1 }
variable "x" { default = 2 } # ERROR: Duplicate name

locals { y = 1 }
locals { y = 2 } # ERROR: Duplicate name

flowrider { runs = "runs" }
flowrider { runs = "other" } # ERROR: Duplicate block
