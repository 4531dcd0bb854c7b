import torch

from tellapart.models import Subject


class Predictor(torch.nn.Module):
    def __init__(self, d, n_actions):
        super().__init__()
        self.hidden, self.out = torch.nn.Linear(d + n_actions, 64), torch.nn.Linear(64, d)
        self.eye = torch.eye(n_actions)

    def forward(self, z, a):
        return self.out(torch.tanh(self.hidden(torch.cat([z, self.eye[a]], dim=1))))


def factory(mdp, seed):
    torch.manual_seed(seed)
    encoder, head = torch.nn.Linear(mdp.n_obs, 8), torch.nn.Linear(8, mdp.label_vectors.shape[1])
    return Subject(encoder, Predictor(8, mdp.n_actions), head)
