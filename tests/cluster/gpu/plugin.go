package main

import (
	"context"
	"fmt"
	"strings"

	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// visibleDevices is what a container runtime for real GPUs reads, and what programs look at.
const visibleDevices = "NVIDIA_VISIBLE_DEVICES"

// plugin answers the kubelet. Which container gets which device is the kubelet's to decide and to remember.
type plugin struct {
	api.UnimplementedDevicePluginServer
	resource string
	devices  []*api.Device
	unheard  chan struct{} // told when the kubelet stops listening
}

func newPlugin(resource string, count int) *plugin {
	p := &plugin{resource: resource, unheard: make(chan struct{}, 1)}
	for i := range count {
		p.devices = append(p.devices, &api.Device{ID: fmt.Sprintf("GPU-headgate-%d", i), Health: api.Healthy})
	}
	return p
}

func (p *plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

// ListAndWatch tells of the devices once, for none of them ever comes or goes, and stays: when it ends, the kubelet
// takes every device for lost.
func (p *plugin) ListAndWatch(_ *api.Empty, stream api.DevicePlugin_ListAndWatchServer) error {
	if err := stream.Send(&api.ListAndWatchResponse{Devices: p.devices}); err != nil {
		return err
	}
	<-stream.Context().Done()
	select {
	case p.unheard <- struct{}{}:
	default: // it was told already
	}
	return nil
}

func (p *plugin) Allocate(_ context.Context, asked *api.AllocateRequest) (*api.AllocateResponse, error) {
	answer := &api.AllocateResponse{}
	for _, container := range asked.ContainerRequests {
		if err := p.check(container.DevicesIds); err != nil {
			return nil, err
		}
		answer.ContainerResponses = append(answer.ContainerResponses, &api.ContainerAllocateResponse{
			Envs: map[string]string{visibleDevices: strings.Join(container.DevicesIds, ",")},
		})
	}
	return answer, nil
}

func (p *plugin) check(ids []string) error {
	for _, id := range ids {
		if !p.offers(id) {
			return fmt.Errorf("there is no device %s among the %d of %s", id, len(p.devices), p.resource)
		}
	}
	return nil
}

func (p *plugin) offers(id string) bool {
	for _, device := range p.devices {
		if device.ID == id {
			return true
		}
	}
	return false
}
