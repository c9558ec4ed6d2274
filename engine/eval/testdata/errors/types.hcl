variable "texts" {
  type    = list(string)
  default = "a" # ERROR: Unsuitable value
}

variable "shape" {
  type    = object({ a = number, b = string })
  default = { a = 1 } # ERROR: Unsuitable value
}

variable "flag" {
  type    = bool
  default = [] # ERROR: Unsuitable value
}
