package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/schema"
)

// Hidden are the variables and hooks that sensitive() is called on somewhere
// in the configuration, through local values and for_each too: as they are,
// they must not be written to any file.
func Hidden(config *schema.Config) map[schema.Address]bool {
	h := &hider{config: config, found: map[schema.Address]bool{}}
	for _, local := range config.Locals {
		h.look(local.Attribute, nil)
	}
	for _, environment := range config.Environments {
		h.lookAll(&environment.Block)
	}
	for _, hook := range config.Hooks {
		h.lookAll(&hook.Block)
	}
	for _, flow := range config.Flows {
		each := flow.Argument("for_each")
		blocks := []*schema.Block{&flow.Block, flow.Bundle}
		for _, output := range flow.Outputs {
			blocks = append(blocks, &output.Block)
		}
		for _, block := range blocks {
			if block != nil {
				for _, attribute := range block.Arguments {
					h.look(attribute, each)
				}
			}
		}
	}
	for _, output := range config.Outputs {
		h.lookAll(&output.Block)
	}
	return h.found
}

type hider struct {
	config *schema.Config
	found  map[schema.Address]bool // locals too: each is followed once
}

func (h *hider) lookAll(block *schema.Block) {
	for _, attribute := range block.Arguments {
		h.look(attribute, nil)
	}
}

// look finds the calls of sensitive() in an expression. each is the for_each
// that each.value comes from.
func (h *hider) look(attribute *schema.Attribute, each *schema.Attribute) {
	if attribute.Simple() != nil {
		return // it calls nothing
	}
	for _, node := range (&checker{}).nodes(attribute.Expr) {
		hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
			switch expr := node.(type) {
			case *hclsyntax.FunctionCallExpr:
				if isSensitive(expr.Name) {
					h.hide(expr, each)
				}
			case *hclsyntax.ForExpr: // its own names stand for parts of what it goes through
				if calls(expr, isSensitive) {
					h.hide(expr, each)
				}
			}
			return nil
		})
	}
}

func isSensitive(function string) bool { return function == "sensitive" }

// hide notes what an expression refers to.
func (h *hider) hide(expr hcl.Expression, each *schema.Attribute) {
	for _, reference := range schema.References(expr) {
		address := reference.Address.Whole()
		switch {
		case address.Block == "each" && each != nil:
			h.hide(each.Expr, nil)
		case h.found[address]:
		case address.Block == "var", address.Block == "hook":
			h.found[address] = true
		case address.Block == "local":
			h.found[address] = true
			if local := h.config.Local(address.Name); local != nil {
				h.hide(local.Attribute.Expr, nil)
			}
		}
	}
}
