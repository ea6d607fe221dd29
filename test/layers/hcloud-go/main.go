// A conversation with the sandbox Hetzner API by Hetzner's own client. It prints a line for each thing that it has
// seen, and ends with status 1 at the first that isn't as that client expects it.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

func must(what string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
	fmt.Println("ok", what)
}

func check(what string, good bool) {
	if !good {
		fmt.Printf("%s: not so\n", what)
		os.Exit(1)
	}
	fmt.Println("ok", what)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	client := hcloud.NewClient(
		hcloud.WithEndpoint(os.Getenv("HCLOUD_ENDPOINT")),
		hcloud.WithToken(os.Getenv("HCLOUD_TOKEN")),
		hcloud.WithPollOpts(hcloud.PollOpts{BackoffFunc: hcloud.ConstantBackoff(20 * time.Millisecond)}),
	)

	types, err := client.ServerType.AllWithOpts(ctx, hcloud.ServerTypeListOpts{})
	must("server types are listed", err)
	check("there are several, with prices", len(types) > 3 && len(types[0].Pricings) > 0)
	pricing, _, err := client.Pricing.Get(ctx)
	must("prices are given", err)
	check("in euros", pricing.Currency == "EUR")
	image, _, err := client.Image.GetByNameAndArchitecture(ctx, "debian-13", hcloud.ArchitectureX86)
	must("the image is found by name", err)
	check("there is one", image != nil)
	nothing, _, err := client.Server.Get(ctx, "4711")
	must("a server that isn't there is no error", err)
	check("it is nil", nothing == nil)

	labels := map[string]string{"haven": "conversation"}
	key, _, err := client.SSHKey.Create(ctx, hcloud.SSHKeyCreateOpts{Name: "key", PublicKey: os.Getenv("PUBLIC_KEY"), Labels: labels})
	must("a key is made", err)
	_, _, err = client.SSHKey.Create(ctx, hcloud.SSHKeyCreateOpts{Name: "key", PublicKey: os.Getenv("PUBLIC_KEY")})
	check("the same key twice is a uniqueness_error", hcloud.IsError(err, hcloud.ErrorCodeUniquenessError))

	ip, _, err := client.PrimaryIP.Create(ctx, hcloud.PrimaryIPCreateOpts{Name: "ip", Type: hcloud.PrimaryIPTypeIPv4, Location: "fsn1", AssigneeType: "server", Labels: labels})
	must("an address is made", err)
	_, source, _ := net.ParseCIDR("0.0.0.0/0")
	port := "443"
	firewall, _, err := client.Firewall.Create(ctx, hcloud.FirewallCreateOpts{Name: "fw", Rules: []hcloud.FirewallRule{{Direction: hcloud.FirewallRuleDirectionIn, Protocol: hcloud.FirewallRuleProtocolTCP, Port: &port, SourceIPs: []net.IPNet{*source}}}})
	must("a firewall is made", err)
	must("its actions end", client.Action.WaitFor(ctx, firewall.Actions...))

	created, _, err := client.Server.Create(ctx, hcloud.ServerCreateOpts{
		Name: "one", ServerType: &hcloud.ServerType{Name: "cx23"}, Image: image, Location: &hcloud.Location{Name: "fsn1"},
		SSHKeys: []*hcloud.SSHKey{key}, Labels: labels, UserData: "#cloud-config\n{}\n",
		Firewalls: []*hcloud.ServerCreateFirewall{{Firewall: *firewall.Firewall}},
		PublicNet: &hcloud.ServerCreatePublicNet{EnableIPv4: true, IPv4: ip.PrimaryIP, EnableIPv6: true},
	})
	must("a server is made", err)
	check("its action takes time", created.Action.Status == hcloud.ActionStatusRunning)
	must("and ends", client.Action.WaitFor(ctx, append(created.NextActions, created.Action)...))
	server, _, err := client.Server.GetByID(ctx, created.Server.ID)
	must("it is read again", err)
	check("it runs, with the address that it was given", server.Status == hcloud.ServerStatusRunning && server.PublicNet.IPv4.ID == ip.PrimaryIP.ID)

	volume, _, err := client.Volume.Create(ctx, hcloud.VolumeCreateOpts{Name: "data", Size: 10, Server: server, Labels: labels})
	must("a volume is made, attached", err)
	must("its actions end", client.Action.WaitFor(ctx, append(volume.NextActions, volume.Action)...))
	_, err = client.Volume.Delete(ctx, volume.Volume)
	check("an attached volume can't be deleted", hcloud.IsError(err, hcloud.ErrorCodeResourceInUse) || err != nil)
	action, _, err := client.PrimaryIP.ChangeDNSPtr(ctx, hcloud.PrimaryIPChangeDNSPtrOpts{ID: ip.PrimaryIP.ID, IP: ip.PrimaryIP.IP.String(), DNSPtr: "haven.example.org"})
	must("the pointer is set", err)
	must("its action ends", client.Action.WaitFor(ctx, action))

	servers, err := client.Server.AllWithOpts(ctx, hcloud.ServerListOpts{ListOpts: hcloud.ListOpts{LabelSelector: "haven==conversation", PerPage: 1}})
	must("servers are found by label, page by page", err)
	check("there is that one", len(servers) == 1 && servers[0].ID == server.ID)

	protect, _, err := client.Server.ChangeProtection(ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(true), Rebuild: hcloud.Ptr(true)})
	must("it is protected", err)
	must("the action ends", client.Action.WaitFor(ctx, protect))
	_, _, err = client.Server.DeleteWithResult(ctx, server)
	check("what is protected is not deleted", hcloud.IsError(err, hcloud.ErrorCodeProtected))
	protect, _, err = client.Server.ChangeProtection(ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(false), Rebuild: hcloud.Ptr(false)})
	must("protection is lifted", err)
	must("the action ends", client.Action.WaitFor(ctx, protect))
	detach, _, err := client.Volume.Detach(ctx, volume.Volume)
	must("the volume is detached", err)
	must("the action ends", client.Action.WaitFor(ctx, detach))
	deleted, _, err := client.Server.DeleteWithResult(ctx, server)
	must("the server is deleted", err)
	must("the action ends", client.Action.WaitFor(ctx, deleted.Action))
	gone, _, err := client.Server.GetByID(ctx, server.ID)
	must("it is asked for once more", err)
	check("it is gone", gone == nil)
}
