flow "command" "count" {
  argv = ["printf", "42"]

  output "answer" {
    stdout = "json"
  }
}

output "answer" {
  description = "what was counted"
  value       = flow.count.output.answer.value
}

output "login" {
  value     = sensitive("a made-up login")
  sensitive = true
}
