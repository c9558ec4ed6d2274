# c is to b as b is to a; x is like a and unrelated. v = 1 and v = 11 give the
# same file.
variable "v" { default = 1 }

flow "command" "a" {
  argv     = ["sh", "-c", "echo a >> $COUNT; echo $((V % 10)) > a.txt"]
  env      = { V = var.v }
  pass_env = ["COUNT"]
  output "n" { file = "a.txt" }
}

flow "command" "b" {
  argv     = ["sh", "-c", "echo b >> $COUNT; cat $A > b.txt"]
  env      = { A = flow.a.output.n.path }
  pass_env = ["COUNT"]
  output "n" { file = "b.txt" }
}

flow "command" "c" {
  argv     = ["sh", "-c", "echo c >> $COUNT; cat $B > c.txt"]
  env      = { B = flow.b.output.n.path }
  pass_env = ["COUNT"]
  output "n" { file = "c.txt" }
}

flow "command" "x" {
  argv     = ["sh", "-c", "echo x >> $COUNT; echo x > x.txt"]
  pass_env = ["COUNT"]
  output "n" { file = "x.txt" }
}
