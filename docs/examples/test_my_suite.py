import torch
from tellapart.properties import parametrize_with_checks


class Predictor(torch.nn.Sequential):
    def forward(self, z, a):
        action = torch.nn.functional.one_hot(a, self[0].in_features - z.shape[1])
        return super().forward(torch.cat([z, action], dim=1))


def my_design(mdp, seed):
    torch.manual_seed(seed)
    layers = torch.nn.Linear(8 + mdp.n_actions, 64), torch.nn.Tanh(), torch.nn.Linear(64, 8)
    encoder, head = torch.nn.Linear(mdp.n_obs, 8), torch.nn.Linear(8, mdp.label_vectors.shape[1])
    return encoder, Predictor(*layers), head


@parametrize_with_checks([my_design])
def test_my_design(subject, check):
    check(subject)
