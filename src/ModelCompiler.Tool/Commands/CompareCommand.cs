using System.CommandLine;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc compare</c>: how the outputs of two models agree on samples.</summary>
internal sealed class CompareCommand(Streams streams)
{
    private readonly Argument<string> _a = ModelArguments.Model("a");
    private readonly Argument<string> _b = ModelArguments.Model("b");
    private readonly Option<string> _data = new("--data") { Description = "Samples: a .npz, a .npy or a folder of them; with 'labels', accuracy is measured too.", Required = true };
    private readonly Option<int> _batch = ModelArguments.Batch();
    private readonly Option<int> _threads = ModelArguments.Threads();
    private readonly Option<string> _provider = ModelArguments.Provider();
    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(Streams streams) => new CompareCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("compare", "Measures how the outputs of two models agree: cosine, signal-to-noise ratio, largest difference, same largest element; accuracy where there are labels.")
        {
            _a, _b, _data, _batch, _threads, _provider, _json,
        };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        SessionOptions options = ModelArguments.SessionOptions(arguments.GetValue(_threads), arguments.GetValue(_provider)!);
        (Model model, InferenceSession a) = ModelFiles.Open(arguments.GetRequiredValue(_a), options);
        using (a)
        {
            using InferenceSession b = ModelFiles.Open(arguments.GetRequiredValue(_b), options).Session;
            SampleSet samples = SampleSet.Open(arguments.GetRequiredValue(_data), SampleInput.Of(model));
            foreach (string note in samples.Notes) streams.Error.WriteLine(note);
            streams.Error.WriteLine($"comparing on {Figures.Count(samples.Count)} samples");
            ComparisonResult result = OutputComparison.Run(a, b, samples, arguments.GetValue(_batch), random: RandomOutputs.Of(model.Graph), choiceAxes: ChoiceAxes.Of(model.Graph), cancellationToken: cancellationToken);
            AccuracyDocument? accuracy = result.Accuracy is { } both ? new AccuracyDocument(both.A.Share, both.B.Share) : null;
            var document = new CompareDocument(result.Agreement.Samples, result.Agreement.Outputs, accuracy);
            if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(document));
            else Write(document);
            return ExitCode.Done;
        }
    }

    private void Write(CompareDocument document)
    {
        var table = new TextTable(1, 2, 3, 4).Add("output", "cosine", "SQNR", "largest difference", "same answers");
        foreach (OutputAgreement output in document.Outputs)
        {
            table.Add(
                output.Name, Figures.Cosine(output.Cosine), Figures.Decibels(output.SqnrDb), Figures.Significant(output.MaxAbs),
                (output.Same ?? output.Top1Agreement) is { } same ? Figures.Percent(same) : "-");
        }
        table.WriteTo(streams.Output);
        if (document.Accuracy is { } accuracy) streams.Output.WriteLine($"accuracy {Figures.Percent(accuracy.A)} and {Figures.Percent(accuracy.B)}");
        streams.Output.WriteLine($"{Figures.Count(document.Samples)} samples");
    }

    internal sealed record CompareDocument(int Samples, IReadOnlyList<OutputAgreement> Outputs, AccuracyDocument? Accuracy);
}
