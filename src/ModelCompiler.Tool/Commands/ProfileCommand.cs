using System.CommandLine;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc profile</c>: where the time of a run goes, by operator and by node.</summary>
internal sealed class ProfileCommand(Streams streams)
{
    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<int> _batch = ModelArguments.Batch();
    private readonly Option<int> _threads = ModelArguments.Threads();
    private readonly Option<int> _runs = ModelArguments.Positive("--runs", "Runs that are counted.", 30);
    private readonly Option<int> _top = ModelArguments.Positive("--top", "Nodes that are listed.", 20);
    private readonly Option<string[]> _dimensions = ModelArguments.Dimensions();
    private readonly Option<string?> _data = ModelArguments.Data("A .npz, .npy or folder whose first samples are the inputs; random ones without.");
    private readonly Option<string> _provider = ModelArguments.Provider();
    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(Streams streams) => new ProfileCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("profile", "Shows where the time of a run goes: what ONNX Runtime fused, what runs on integers and what in floating point.")
        {
            _model, _batch, _threads, _runs, _top, _dimensions, _data, _provider, _json,
        };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        string path = arguments.GetRequiredValue(_model);
        SessionOptions options = ModelArguments.SessionOptions(arguments.GetValue(_threads), arguments.GetValue(_provider)!);
        IReadOnlyDictionary<string, long> dimensions = ModelArguments.ParseDimensions(arguments.GetValue(_dimensions));
        Model? model = null;
        NodeProfile profile = NodeProfile.Measure(Open, options, Inputs, arguments.GetValue(_runs), cancellationToken);
        ProfileDocument document = Document(path, profile);
        if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(document));
        else Write(document, arguments.GetValue(_top));
        return ExitCode.Done;

        InferenceSession Open(SessionOptions profiled)
        {
            (model, InferenceSession session) = ModelFiles.Open(path, profiled);
            return session;
        }

        IReadOnlyList<(string, TensorBuffer)> Inputs(InferenceSession session) =>
            ModelArguments.Inputs(model!, session, arguments.GetValue(_data), arguments.GetValue(_batch), dimensions);
    }

    private static ProfileDocument Document(string path, NodeProfile profile)
    {
        double total = profile.Nodes.Sum(node => node.MedianMs);
        IEnumerable<OperatorEntry> operators = profile.Nodes
            .GroupBy(node => node.Operator)
            .Select(group => (Operator: group.Key, Count: group.Count(), Ms: group.Sum(node => node.MedianMs)))
            .OrderByDescending(entry => entry.Ms)
            .Select(entry => new OperatorEntry(entry.Operator, entry.Count, entry.Ms, Share(entry.Ms), FusedGraph.ComputesWith(entry.Operator)));
        return new ProfileDocument(path, profile.RunMs, profile.Runs, [.. operators],
            [.. profile.Nodes.Select(node => new NodeEntry(node.Name, node.Operator, node.Provider, node.MedianMs, Share(node.MedianMs)))]);

        double Share(double ms) => total > 0 ? ms / total : 0;
    }

    private void Write(ProfileDocument document, int top)
    {
        streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{document.Path}: {Figures.Milliseconds(document.RunMs)} a run with the profiler on, median of {document.Runs}"));
        var operators = new TextTable(1, 2, 3).Add("operator", "nodes", "time", "share", "computes with");
        foreach (OperatorEntry entry in document.Operators)
            operators.Add(entry.Name, Figures.Count(entry.Count), Figures.Milliseconds(entry.MedianMs), Figures.Percent(entry.Share), entry.ComputesWith ?? "");
        operators.WriteTo(streams.Output);
        streams.Output.WriteLine();
        var nodes = new TextTable(2, 3).Add("node", "operator", "time", "share");
        foreach (NodeEntry entry in document.Nodes.Take(top))
            nodes.Add(entry.Name, entry.Operator, Figures.Milliseconds(entry.MedianMs), Figures.Percent(entry.Share));
        nodes.WriteTo(streams.Output);
        if (document.Nodes.Count > top) streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"and {document.Nodes.Count - top} more (see --top)"));
    }

    internal sealed record OperatorEntry(string Name, int Count, double MedianMs, double Share, string? ComputesWith);

    internal sealed record NodeEntry(string Name, string Operator, string Provider, double MedianMs, double Share);

    internal sealed record ProfileDocument(string Path, double RunMs, int Runs, IReadOnlyList<OperatorEntry> Operators, IReadOnlyList<NodeEntry> Nodes);
}
