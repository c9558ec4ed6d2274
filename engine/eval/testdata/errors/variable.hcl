variable "v" {
  type    = number
  default = "many" # ERROR: Unsuitable value
}

