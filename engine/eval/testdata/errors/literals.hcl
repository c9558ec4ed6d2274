flowrider {
  required_version = ">= 99" # ERROR: Unsupported flowrider version
  runs             = "../elsewhere" # ERROR: Invalid folder
}

variable "s" {
  sensitive = "yes" # ERROR: Unsuitable value
}
