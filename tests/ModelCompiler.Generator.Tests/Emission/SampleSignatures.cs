using ModelCompiler.Manifests;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Signatures of every kind that models have, and every hazard of names that was met in published ones.</summary>
internal static class SampleSignatures
{
    private static readonly ManifestValue Scores = Tensor("scores", "N", 3);

    public static readonly (string Name, ManifestValue[] Inputs, ManifestValue[] Outputs)[] All =
    [
        // Shapes.
        ("fixed", [Tensor("input", 1, 1, 28, 28)], [Tensor("output", 1, 10)]),
        ("batch", [Tensor("input", "N", 4)], [Scores]),
        ("batch of unknown name", [Tensor("input", null, 4)], [Tensor("y", null, 2)]),
        ("batch and a scalar", [Tensor("x", "N", 4), Tensor("k")], [Scores]),
        ("batch and a fixed input", [Tensor("x", "N", 4), Tensor("mask", ManifestElementType.Bool, 4)], [Scores]),
        ("batch with an output that has none", [Tensor("x", "N", 4)], [Tensor("mean", 4)]),
        ("sizes", [Tensor("image", "batch", 3, "H", "W")], [Tensor("mask", "batch", 1, "H", "W")]),
        ("shared sizes", [Tensor("ids", ManifestElementType.Int64, 1, "seq"), Tensor("mask", ManifestElementType.Int64, 1, "seq")], [Tensor("hidden", 1, "seq", 8)]),
        ("size of one input", [Tensor("x", 1, "T")], [Tensor("y", 1, "T")]),
        ("sizes without names", [Tensor("a", null, 3), Tensor("b", 2, "")], [Tensor("y", "", 1)]),
        ("names of sizes of exporters", [Tensor("x", "p2o.DynamicDimension.0", 3, 48, "unk__314")], [Tensor("y", "past_sequence_length + sequence_length")]),
        ("unknown rank", [Tensor("x") with { Shape = null }], [Tensor("y") with { Shape = null }]),
        ("nothing in", [], [Tensor("y", 1)]),
        ("empty dimension", [Tensor("past", 1, 0, 8)], [Tensor("present", 1, 1, 8)]),
        // Values.
        ("scalars", [Tensor("sr", ManifestElementType.Int64), Tensor("text", ManifestElementType.String)], [Tensor("p"), Tensor("t", ManifestElementType.String)]),
        ("strings", [Tensor("text", ManifestElementType.String, "N")], [Tensor("tokens", ManifestElementType.String, "N", 2)]),
        ("halves", [Tensor("x", ManifestElementType.Float16, 2)], [Tensor("y", ManifestElementType.BFloat16, 2)]),
        ("unsigned", [Tensor("x", ManifestElementType.UInt16, 2), Tensor("z", ManifestElementType.UInt64)], [Tensor("y", ManifestElementType.UInt32, 2)]),
        ("signed", [Tensor("x", ManifestElementType.Int8, 2)], [Tensor("y", ManifestElementType.Int16, 2), Tensor("z", ManifestElementType.Int32)]),
        ("complex", [Tensor("x", ManifestElementType.Complex128, 2)], [Tensor("y", ManifestElementType.Float64, 2)]),
        ("sequence", [Tensor("q") with { Shape = null, Kind = ManifestValueKind.Sequence }], [Tensor("r", 2) with { Kind = ManifestValueKind.Sequence }]),
        ("map", [Tensor("m") with { Kind = ManifestValueKind.Map, KeyType = ManifestElementType.String }], [Tensor("n") with { Kind = ManifestValueKind.Map, KeyType = ManifestElementType.Int64 }]),
        ("classifier of scikit-learn", [Tensor("X", null, 4)], [Tensor("output_label", ManifestElementType.Int64, ""), Tensor("output_probability") with { Kind = ManifestValueKind.Sequence, KeyType = ManifestElementType.Int64 }]),
        ("optional", [Tensor("x", 2), Tensor("o", 3) with { Kind = ManifestValueKind.Optional }], [Tensor("y", 2) with { Kind = ManifestValueKind.Optional }]),
        ("many outputs", [Tensor("x", 1)], [.. Enumerable.Range(0, 12).Select(i => Tensor("o" + i, 1))]),
        // What the item asks for.
        ("state", [Tensor("x", 1, 512), Tensor("h", 2, 1, 64) with { State = "hn" }], [Tensor("p", 1, 1), Tensor("hn", 2, 1, 64)]),
        ("state and batch", [Tensor("x", "N", 512), Tensor("h", 2, "N", 64) with { State = "hn" }, Tensor("sr", ManifestElementType.Int64)], [Tensor("p", "N", 1), Tensor("hn", 2, "N", 64)]),
        ("growing state", [Tensor("ids", ManifestElementType.Int64, "B", "S"), Tensor("past.0.key", "B", 4, "past", 8) with { State = "present.0.key" }], [Tensor("logits", "B", "S", 9), Tensor("present.0.key", "B", 4, "past + S", 8)]),
        ("labels", [Tensor("x", "N", 4)], [Scores with { Labels = new(["a", "b", "\"c\""]) }]),
        ("picture", [Picture("input", "N")], [Scores]),
        ("one picture", [Picture("input:0", 1)], [Tensor("boxes", 1, 896, 16)]),
        ("picture and a number", [Picture("x", 1), Tensor("threshold")], [Tensor("y", "n", 4)]),
        ("renamed", [Tensor("onnx::Flatten_0", 1, 16, 96) with { Member = "features" }], [Tensor("39", 1, 1) with { Member = "score" }]),
        ("renamed to a name that is taken", [Tensor("x", 1)], [Tensor("score", 1), Tensor("39", 1) with { Member = "Score" }]),
        // Names.
        ("numbers", [Tensor("1", 1)], [Tensor("39", 1), Tensor("40", 1)]),
        ("colons", [Tensor("input:0", 1)], [Tensor("Identity:0", 1), Tensor("Identity_1:0", 1)]),
        ("domains", [Tensor("onnx::Flatten_0", 1)], [Tensor("sigmoid_0.tmp_0", 1)]),
        ("points", [Tensor("past_key_values.0.key", 1), Tensor("x.1", 1)], [Tensor("x.2", 1)]),
        ("json", [Tensor("x", 1)], [Tensor("{\"name\": \"StatefulPartitionedCall\", \"index\": [0, {\"a\": \"}\"}]}", 1)]),
        ("keywords", [Tensor("in", 1), Tensor("class", 1)], [Tensor("out", 1), Tensor("event", 1)]),
        ("collisions", [Tensor("a.b", 1), Tensor("a:b", 1)], [Tensor("A", 1), Tensor("a", 1), Tensor("ab", 1)]),
        ("one name in and out", [Tensor("x", 1)], [Tensor("x", 1)]),
        ("members of ours", [Tensor("call", 1), Tensor("cancellationToken", 1), Tensor("batch", "batch")], [Tensor("Run", 1), Tensor("Dispose", 1), Tensor("ToString", 1)]),
        ("long names", [Tensor(new string('a', 346), 1)], [Tensor(new string('a', 346) + "b", 1)]),
        ("other scripts", [Tensor("\u8f93\u5165", 1)], [Tensor("caf\u00e9", 1), Tensor("\u202e", 1)]),
        ("nameless", [Tensor("", 1)], [Tensor("///", 1)]),
        ("inputs with defaults", [Tensor("x", "N", 4), Tensor("threshold") with { HasDefault = true }, Tensor("mask", ManifestElementType.Bool, 4) with { HasDefault = true }, Tensor("unit", ManifestElementType.String) with { HasDefault = true }], [Scores]),
        // Invented.
        ("emoji and quotes", [Tensor("\U0001F600", 1), Tensor("\"", 1), Tensor("it's\n", 1)], [Tensor("\U0001F44D\U0001F3FD", 1), Tensor("*/ //\\u000a#if", 1)]),
        ("names that differ by case", [Tensor("ab", 1), Tensor("aB", 1), Tensor("AB", 1)], [Tensor("Ab", 1), Tensor("AB_", 1)]),
        ("types of ours", [Tensor("M49Input", 1), Tensor("Predictor", 1), Tensor("System", 1)], [Tensor("M49Output", 1), Tensor("global", 1), Tensor("Equals", 1)]),
        ("many inputs", [.. Enumerable.Range(0, 30).Select(i => Tensor("i." + i, "N", i + 1))], [Scores]),
        ("expressions", [Tensor("x", "2*N", "N + 1"), Tensor("y", "floor(T/4)")], [Tensor("z", "2*N - 1")]),
        ("empty tensors", [Tensor("x", 2, 0), Tensor("k", 0)], [Scores]),
        ("words of the language", [.. new[] { "field", "record", "required", "file", "scoped", "var", "_", "await", "nint", "value", "with", "global" }.Select(word => Tensor(word, 1))], [Tensor("yield", 1), Tensor("nameof", 1)]),
        ("members of objects", [Tensor("Predict", 1), Tensor("Stream", 1), Tensor("GetType", 1), Tensor("Session", 1), Tensor("M54Predictor", 1)], [Tensor("Equals", 1), Tensor("GetHashCode", 1), Tensor("M54", 1)]),
        ("a column each", [Tensor("age", null, 1), Tensor("fare", null, 1)], [Tensor("survived", ManifestElementType.Int64, [null]), Tensor("probabilities", null, 2)]),
        ("a row of any length", [Tensor("waveform", "samples"), Tensor("rate", ManifestElementType.Int64)], [Tensor("envelope", "samples")]),
        ("scripts that run together", [Tensor("cafe\u0301", 1), Tensor("\u0645\u0631\u062d\u0628\u0627", 1)], [Tensor("\u202eabc\u05d0", 1)]),
        ("renamed in and out alike", [Tensor("onnx::id", 1) with { Member = "Key" }, Tensor("sizes", "N")], [Tensor("onnx::id", 1) with { Member = "Key" }, Tensor("Sizes", "N")]),
        ("sizes with the names of inputs", [Tensor("width", "width", "height"), Tensor("height", ManifestElementType.Int64, "height")], [Tensor("area", "width * height")]),
        ("squares", [Tensor("distances", "N", "N"), Tensor("nodes", "N", 3)], [Tensor("y", "N", "N")]),
    ];

    /// <summary>A manifest for each; the predictor of the n-th is <c>M{n}Predictor</c>.</summary>
    public static IEnumerable<ModelManifest> Manifests => All.Select((signature, i) => Of($"m{i}", signature.Inputs, signature.Outputs) with { ClassName = $"M{i}Predictor" });

    private static ManifestValue Picture(string name, object? batch) => Tensor(name, ManifestElementType.UInt8, batch, null, null, 3) with
    {
        Image = new ManifestImage(ManifestPixelOrder.Rgb, ManifestImageFit.Pad, 128, 128),
    };
}
