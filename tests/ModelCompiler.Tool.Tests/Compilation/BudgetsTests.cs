using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

public class BudgetsTests
{
    private static readonly CompileResult Result = new()
    {
        Model = new Model(new Graph("g")),
        Plan = new CompilationPlan { Precision = Precision.Int8 },
        Events = [],
        Accuracy = (98.5, 98 + 1 / 3.0),
        LatencyRatio = 1.004,
    };

    /// <summary>Copies of one model take as long as each other, by a little more or less.</summary>
    [Fact]
    public void A_ratio_that_is_not_surely_above_its_budget_holds_it()
    {
        Check(new ItemSettings { MaxLatencyRatio = 1 });
        Assert.Contains("takes 1.004 times", Missed("OM4012", new ItemSettings { MaxLatencyRatio = 1 }, Result with { IsTooSlow = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_as_exact_as_it_takes_to_tell_them_from_the_budget()
    {
        Check(new ItemSettings { MaxSizeMB = 0.051792 });
        Assert.Contains("takes 0.051792 MB, its source 0.100 MB", Missed("OM4011", new ItemSettings { MaxSizeMB = 0.051791 }), StringComparison.Ordinal);
        Assert.Contains("an accuracy of 98.3333 %, its source of 98.50 %. MaxAccuracyDrop=\"0.15\"", Missed("OM4010", new ItemSettings { MinAccuracy = 98.34 }), StringComparison.Ordinal);
        Assert.Contains("better than its source", Missed("OM4010", new ItemSettings { MinAccuracy = 100 }), StringComparison.Ordinal);
    }

    /// <summary>Nothing was searched for: that none of the precisions keeps the budget is not known.</summary>
    [Fact]
    public void What_a_plan_decided_is_the_plans_to_change()
    {
        foreach ((string code, ItemSettings settings) in new[]
        {
            ("OM4010", new ItemSettings { MinAccuracy = 98.4 }), ("OM4011", new ItemSettings { MaxSizeMB = 0.01, Precision = Precision.Auto }), ("OM4012", new ItemSettings { MaxLatencyRatio = 0.5, Precision = Precision.Auto }),
        })
        {
            Assert.Contains("modelc tune", Missed(code, settings, Result with { IsTooSlow = true }, isPlanned: true), StringComparison.Ordinal);
            Assert.DoesNotContain("modelc tune", Missed(code, settings, Result with { IsTooSlow = true }), StringComparison.Ordinal);
        }
    }

    /// <summary>On a busy machine Auto may end before it comes to the precision that would do.</summary>
    [Fact]
    public void What_was_not_tried_for_want_of_time_may_keep_the_budget()
    {
        CompileResult unfinished = Result with { IsTooSlow = true, Warnings = [("OM4021", "…")] };
        Assert.Contains("TuningBudget", Missed("OM4011", new ItemSettings { MaxSizeMB = 0.01, Precision = Precision.Auto }, unfinished), StringComparison.Ordinal);
        Assert.Contains("TuningBudget", Missed("OM4012", new ItemSettings { MaxLatencyRatio = 0.5, Precision = Precision.Auto }, unfinished), StringComparison.Ordinal);
        Assert.DoesNotContain("TuningBudget", Missed("OM4012", new ItemSettings { MaxLatencyRatio = 0.5, Precision = Precision.Auto }, unfinished with { Warnings = [] }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_says_why()
    {
        CompileResult unmeasured = Result with { LatencyRatio = null };
        Assert.Contains("Calibration or Evaluation", Missed("OM4013", new ItemSettings { MaxLatencyRatio = 1 }, unmeasured), StringComparison.Ordinal);
        Assert.Contains("modelc bench", Missed("OM4013", new ItemSettings { MaxLatencyRatio = 1, TargetCpu = TargetCpu.Arm64 }, unmeasured), StringComparison.Ordinal);
    }

    private static void Check(ItemSettings settings, CompileResult? result = null, bool isPlanned = false) => new Budgets(settings, result ?? Result, isPlanned).Check(51_792, 100_000);

    private static string Missed(string code, ItemSettings settings, CompileResult? result = null, bool isPlanned = false)
    {
        var missed = Assert.Throws<CompilerException>(() => Check(settings, result, isPlanned));
        Assert.Equal(code, missed.Code);
        return missed.Message;
    }
}
