using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Runs stages of passes in rounds until a round changes nothing. A pass that found nothing to do in the graph as it is now is not run again.</summary>
internal sealed class PassRunner(PassContext context, IReadOnlyList<PassStage> stages)
{
    /// <summary>Passes that have not come to rest by then undo each other.</summary>
    public const int MaxRounds = 16;

    // What is wrong with the model as it was given is not the fault of a pass.
    private readonly IReadOnlyList<Violation> _given = GraphVerifier.Verify(context.Model);
    // The number of changes at which each pass last began.
    private readonly Dictionary<IPass, int> _seen = [];
    private bool _isStale = true;

    public void Run(CancellationToken cancellationToken)
    {
        InferTypes();
        for (int round = 0; round < MaxRounds; round++)
        {
            int before = context.ChangeCount;
            foreach (PassStage stage in stages) Run(stage, cancellationToken);
            if (context.ChangeCount == before || context.IsExhausted) return;
        }
        context.Refused(context.LastChange!.Where, $"the passes did not come to rest in {MaxRounds} rounds");
    }

    private void Run(PassStage stage, CancellationToken cancellationToken)
    {
        foreach (IPass pass in stage.Passes)
        {
            if (context.IsExhausted || (_seen.TryGetValue(pass, out int seen) && seen == context.ChangeCount)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            _seen[pass] = context.ChangeCount;
            Time(pass);
        }
        InferTypes();
    }

    private void Time(IPass pass)
    {
        long start = Stopwatch.GetTimestamp();
        int before = context.ChangeCount;
        context.Begin(pass);
        Apply(pass);
        if (context.ChangeCount > before)
        {
            _isStale = true;
            if (!pass.KeepsTypes) InferTypes();
            Verify(pass);
        }
        context.End(pass, Stopwatch.GetElapsedTime(start), context.ChangeCount - before);
    }

    private void InferTypes()
    {
        if (_isStale) context.Model.InferTypes();
        _isStale = false;
    }

    private void Apply(IPass pass)
    {
        try
        {
            pass.Apply(context);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The graph's own checks: the pass asked for an edit that would have broken it.
            throw Broken(pass, context.LastChange?.Where ?? "-", e.Message, e);
        }
    }

    private void Verify(IPass pass)
    {
        IReadOnlyList<Violation> violations = GraphVerifier.Verify(context.Model);
        if (violations.Count <= _given.Count) return;
        Violation first = violations.Except(_given).First();
        throw Broken(pass, first.Where, $"{first.Rule}: {first.Text}");
    }

    private static CompilerException Broken(IPass pass, string where, string rule, Exception? inner = null) =>
        new(DiagnosticTable.PassBrokeGraph.Id, DiagnosticTable.PassBrokeGraph.Text(pass.Name, where, rule), inner: inner);
}
