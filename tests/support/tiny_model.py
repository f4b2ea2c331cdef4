"""A random Llama of 30,000 weights with a byte-level tokenizer, made in a second and always equal.

It has the traps of real models: a tokenizer that adds a beginning-of-sequence token by itself, two
end tokens of which the tokenizer knows one, sampling defaults in its generation config, and a chat
template that opens a block of reasoning when told to.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from lai.engines import target

# One thread: the model is too small for two, and test runs share their cores.
torch.set_num_threads(1)

BEGIN, END, TURN, PAD = SPECIAL = ("<|begin|>", "<|end|>", "<|turn|>", "<|pad|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "<{{ message['role'] }}>{{ message['content'] }}<|turn|>\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% if thinking is defined and thinking %}<think>\n"
    "{% endif %}{% endif %}"
)
# The generation prompt is no prefix of what an answer looks like.
BAD_TEMPLATE = TEMPLATE.replace("<assistant>{% if", "<reply>{% if")


def tokenizer(template: str = TEMPLATE) -> PreTrainedTokenizerFast:
    """One token a byte, and the special ones."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *alphabet])}
    bare = Tokenizer(models.BPE(vocabulary, []))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bare.decoder = decoders.ByteLevel()
    bare.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, vocabulary[BEGIN])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bare,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[TURN],
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )


def save(folder: Path, template: str = TEMPLATE, context: int = 256, seed: int = 0) -> Path:
    """Write the model, stored in bfloat16, into `folder` as any Hub model is stored."""
    tokens = tokenizer(template)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=context,
        initializer_range=0.3,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=3,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        # Ends come up now and then, so that some answers stop and some are cut.
        model.lm_head.weight.data[1:3] *= 1.5
    model.generation_config = GenerationConfig(
        eos_token_id=[2], do_sample=True, temperature=0.9, repetition_penalty=1.3
    )
    model.to(torch.bfloat16).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def describe(base: Path, folder: Path) -> Path:
    """Write the descriptor of an untrained model into `folder` (models/iter0)."""
    folder.mkdir(parents=True, exist_ok=True)
    target.write(folder, target.describe_base(str(base), None))
    return folder


def save_saying(folder: Path, text: str) -> Path:
    """Write a model that answers `text` to whatever it is asked: each token has one successor."""
    tokens = tokenizer()
    tokens.add_tokens([text])
    size = len(tokens) + len(tokens) % 2
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=size,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=3,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(size))
        said = tokens.convert_tokens_to_ids(text)
        model.lm_head.weight.zero_()
        model.lm_head.weight[said, tokens.convert_tokens_to_ids(">")] = 1.0
        model.lm_head.weight[tokens.convert_tokens_to_ids(TURN), said] = 1.0
    model.generation_config = GenerationConfig(eos_token_id=[2])
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
