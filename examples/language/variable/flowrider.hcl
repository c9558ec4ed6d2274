variable "seed" {
  description = "where the random numbers begin"
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.seed >= 0
    error_message = "The seed is ${var.seed}; it cannot be negative."
  }
}

variable "model" {
  type    = object({ kind = string, trees = optional(number, 100) })
  default = { kind = "forest" }
}

variable "token" {
  description = "given by FLOWRIDER_VAR_token, so that nobody sees it"
  default     = "a made-up token"
  sensitive   = true
}

flow "command" "train" {
  argv       = ["echo", "training"]
  parameters = { seed = var.seed, model = var.model }
  secrets    = { TOKEN = var.token }
}
